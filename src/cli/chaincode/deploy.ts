import { durationMs } from '../../config/duration.js';
import { LauncherError } from '../../errors.js';
import { makeChaincodeDeploymentSpec } from '../../packages/cds.js';
import { checkChaincodeName, checkChaincodeVersion } from '../../packages/names.js';
import { platformOfLanguage } from '../../packages/platform.js';
import { policyFromString } from '../../policies/dsl.js';
import { asUsageErrors, UsageError } from '../errors.js';
import { CommitWaiter } from '../clients/commitWait.js';
import { signedTransaction } from '../clients/proposals.js';
import type { CliIo } from '../io.js';
import { withProgress } from '../progress.js';
import { Session } from '../session.js';
import { readCollections } from './collections.js';
import type { ChaincodeFlags } from './flags.js';
import { parseCtor } from './input.js';

/** `chaincode instantiate` and `chaincode upgrade` */
export async function deployCommand(
  io: CliIo,
  command: 'instantiate' | 'upgrade',
  flags: ChaincodeFlags,
): Promise<void> {
  const channelId = requireChannel(flags);
  const session = await Session.open(io, flags);
  try {
    await session.connectPeers(command);
    const orderer = await session.connectOrderer(channelId);
    const args = await deployArguments(io, session, command, flags);
    const proposal = await session.propose(channelId, 'lscc', [
      command === 'instantiate' ? 'deploy' : 'upgrade',
      channelId,
      ...args,
    ]);
    const response = await withProgress(io, `${command} ${flags.name ?? ''} ${flags.version ?? ''}`, () =>
      session.peer.processProposal(proposal.signed).catch((error: unknown) => {
        throw new LauncherError(
          `error endorsing chaincode: ${error instanceof Error ? error.message : String(error)}`,
          {
            cause: error,
          },
        );
      }),
    );
    const transaction = await signedTransaction(session.signer, proposal, [response]).catch(
      (error: unknown) => {
        throw new LauncherError(
          `could not assemble transaction, err ${error instanceof Error ? error.message : String(error)}`,
          { cause: error },
        );
      },
    );
    const waiter = flags.waitForEvent
      ? await CommitWaiter.start(session.peer, session.signer, channelId, proposal.txId)
      : undefined;
    try {
      await orderer.broadcast(transaction);
      if (waiter) await reportCommit(session, waiter, proposal.txId, durationMs(flags.waitForEventTimeout));
    } finally {
      waiter?.close();
    }
  } finally {
    session.close();
  }
}

/** -C, which must not be empty. */
export function requireChannel(flags: Pick<ChaincodeFlags, 'channelID'>): string {
  if (!flags.channelID) {
    throw new UsageError("The required parameter 'channelID' is empty. Rerun the command with -C flag");
  }
  return flags.channelID;
}

/** Waits and logs as Fabric does; unlike Fabric a transaction that is not VALID is a failure. */
export async function reportCommit(
  session: Session,
  waiter: CommitWaiter,
  txId: string,
  timeoutMs: number,
): Promise<void> {
  const code = await waiter.wait(timeoutMs);
  const text = `txid [${txId}] committed with status (${code}) at ${waiter.address}`;
  if (code !== 'VALID') throw new LauncherError(`transaction invalidated: ${text}`);
  session.log.info('chaincodeCmd', 'ClientWait', text);
}

async function deployArguments(
  io: CliIo,
  session: Session,
  command: string,
  flags: ChaincodeFlags,
): Promise<Uint8Array[]> {
  return asUsageErrors(async () => {
    const { name, version } = flags;
    if (!name) throw new LauncherError('must supply value for chaincode name parameter');
    if (!version) throw new LauncherError(`chaincode version is not provided for ${command}`);
    checkChaincodeName(name);
    checkChaincodeVersion(version);
    const escc = flags.escc ?? '';
    const vscc = flags.vscc ?? '';
    session.log.info(
      'chaincodeCmd',
      'checkChaincodeCmdParams',
      escc === '' ? 'Using default escc' : `Using escc ${escc}`,
    );
    session.log.info(
      'chaincodeCmd',
      'checkChaincodeCmdParams',
      vscc === '' ? 'Using default vscc' : `Using vscc ${vscc}`,
    );
    const policy = flags.policy ? policyBytes(flags.policy) : new Uint8Array();
    const collections = flags.collectionsConfig
      ? await readCollections(io, flags.collectionsConfig)
      : undefined;
    const spec = makeChaincodeDeploymentSpec({
      platform: platformOfLanguage(flags.lang),
      name,
      version,
      path: flags.path ?? '',
      args: parseCtor(flags.ctor),
    });
    return [
      spec.serializeBinary(),
      policy,
      Buffer.from(escc === '' ? 'escc' : escc),
      Buffer.from(vscc === '' ? 'vscc' : vscc),
      ...(collections ? [collections] : []),
    ];
  });
}

function policyBytes(text: string): Uint8Array {
  try {
    return policyFromString(text).serializeBinary();
  } catch (error) {
    throw new LauncherError(`invalid policy ${text}`, { cause: error });
  }
}
