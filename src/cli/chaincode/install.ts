import { LauncherError } from '../../errors.js';
import { parseCCPackage } from '../../packages/ccPackage.js';
import { readInput } from '../files.js';
import type { CliIo } from '../io.js';
import { proposalResponseText } from '../prototext.js';
import { Session } from '../session.js';
import type { ChaincodeFlags } from './flags.js';
import { deploymentSpecOf } from './package.js';

/** `chaincode install [‹file›]` */
export async function installCommand(
  io: CliIo,
  files: readonly string[],
  flags: ChaincodeFlags,
): Promise<void> {
  const session = await Session.open(io, flags);
  try {
    await session.connectPeers('install');
    const [file] = files;
    const bytes =
      file === undefined ? await sourcesOf(io, flags, session) : await packageFile(io, file, flags);
    const proposal = await session.propose('', 'lscc', ['install', bytes]);
    const response = await session.peer.processProposal(proposal.signed).catch((error: unknown) => {
      throw new LauncherError(
        `Error endorsing chaincode: ${error instanceof Error ? error.message : String(error)}`,
        {
          cause: error,
        },
      );
    });
    const inner = response.getResponse();
    if (inner?.getStatus() !== 200) {
      throw new LauncherError(`Bad response: ${inner?.getStatus() ?? 0} - ${inner?.getMessage() ?? ''}`);
    }
    session.log.info('chaincodeCmd', 'install', `Installed remotely ${proposalResponseText(response)}`);
  } finally {
    session.close();
  }
}

/** The package of the sources that -p names. */
function sourcesOf(io: CliIo, flags: ChaincodeFlags, session: Session): Promise<Uint8Array> {
  const { name, version, path } = flags;
  if (!name || !version || !path) {
    throw new LauncherError('Must supply value for chaincode name, path and version parameters.');
  }
  return deploymentSpecOf(io, flags, session.log);
}

/** The package in a file, which -n and -v must fit when they are given. */
async function packageFile(io: CliIo, file: string, flags: ChaincodeFlags): Promise<Uint8Array> {
  const bytes = await readInput(io, file);
  const { name, version } = parseCCPackage(bytes);
  if (flags.name !== undefined && flags.name !== name) {
    throw new LauncherError(`chaincode name ${flags.name} does not match name ${name} in package`);
  }
  if (flags.version !== undefined && flags.version !== version) {
    throw new LauncherError(
      `chaincode version ${flags.version} does not match version ${version} in packages`,
    );
  }
  return bytes;
}
