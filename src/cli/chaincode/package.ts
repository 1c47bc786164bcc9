import { LauncherError, wrap } from '../../errors.js';
import { makeChaincodeDeploymentSpec } from '../../packages/cds.js';
import { makeCodePackage } from '../../packages/codePackage.js';
import { platformOfLanguage } from '../../packages/platform.js';
import { makeSignedPackage, signPackage } from '../../packages/signedCds.js';
import { policyFromString } from '../../policies/dsl.js';
import type { CliLog } from '../cliLog.js';
import { asUsageErrors, UsageError } from '../errors.js';
import { readInput, writeOutput } from '../files.js';
import { pathOf, type CliIo } from '../io.js';
import { Session } from '../session.js';
import type { ChaincodeFlags } from './flags.js';
import { parseCtor } from './input.js';

/** The marshalled ChaincodeDeploymentSpec of the sources that -p names; name and version have been checked. */
export async function deploymentSpecOf(io: CliIo, flags: ChaincodeFlags, log: CliLog): Promise<Uint8Array> {
  const { name = '', version = '', path = '' } = flags;
  log.info('chaincodeCmd', 'checkChaincodeCmdParams', 'Using default escc');
  log.info('chaincodeCmd', 'checkChaincodeCmdParams', 'Using default vscc');
  const args = flags.ctor === '{}' ? [] : await asUsageErrors(() => parseCtor(flags.ctor));
  try {
    const platform = platformOfLanguage(flags.lang);
    const code = await makeCodePackage({
      platform,
      path: platform === 'GOLANG' || path === '' ? path : pathOf(io, path),
      ...(io.env['GOPATH'] !== undefined && { gopath: io.env['GOPATH'] }),
      warn: (message) => log.warn('chaincodeCmd', 'getChaincodeSpec', message),
    });
    return makeChaincodeDeploymentSpec({
      platform,
      name,
      version,
      path: platform === 'GOLANG' ? code.path : path,
      args,
      codePackage: code.bytes,
    }).serializeBinary();
  } catch (error) {
    throw wrap(`error getting chaincode code ${name}`, error);
  }
}

/** `chaincode package ‹file›` */
export async function packageCommand(
  io: CliIo,
  files: readonly string[],
  flags: ChaincodeFlags,
): Promise<void> {
  const [file] = files;
  if (file === undefined || files.length !== 1) {
    throw new UsageError(
      'output file not specified or invalid number of args (filename should be the only arg)',
    );
  }
  const session = await Session.open(io, flags);
  if (!flags.name) throw new UsageError('must supply value for chaincode name parameter');
  if (!flags.version) throw new UsageError('chaincode version is not provided for package');
  const cds = await deploymentSpecOf(io, flags, session.log);
  await writeOutput(io, file, flags.ccPackage ? await signed(session, cds, flags) : cds, 0o700);
}

async function signed(session: Session, cds: Uint8Array, flags: ChaincodeFlags): Promise<Uint8Array> {
  const text = flags.instantiatePolicy ?? `AND('${session.settings.mspId}.admin')`;
  let policy: Uint8Array;
  try {
    policy = policyFromString(text).serializeBinary();
  } catch (error) {
    throw new LauncherError(
      `Invalid policy ${text}, err ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    );
  }
  return makeSignedPackage({
    cds,
    instantiationPolicy: policy,
    ...(flags.sign && { signer: session.signer }),
  });
}

/** `chaincode signpackage ‹in› ‹out›` */
export async function signPackageCommand(
  io: CliIo,
  files: readonly string[],
  flags: ChaincodeFlags,
): Promise<void> {
  const [input, output] = files;
  if (input === undefined || output === undefined || files.length !== 2) {
    throw new UsageError('peer chaincode signpackage <inputpackage> <outputpackage>');
  }
  const session = await Session.open(io, flags);
  const bytes = await readInput(io, input);
  await writeOutput(io, output, await signPackage(bytes, session.signer), 0o700);
  io.stdout.write(`Wrote signed package to ${output} successfully\n`);
}
