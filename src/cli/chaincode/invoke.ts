import { durationMs } from '../../config/duration.js';
import { LauncherError, messageOf } from '../../errors.js';
import type { peer } from '../../protos/index.js';
import { CommitWaiter } from '../clients/commitWait.js';
import { signedTransaction } from '../clients/proposals.js';
import { asUsageErrors, UsageError } from '../errors.js';
import type { CliIo } from '../io.js';
import { proposalResponseText, responseText } from '../prototext.js';
import { Session } from '../session.js';
import { requireChannel, reportCommit } from './deploy.js';
import type { ChaincodeFlags } from './flags.js';
import { parseCtor } from './input.js';

/** `chaincode invoke`: endorses on all given peers, orders, and waits when asked to. */
export async function invokeCommand(io: CliIo, flags: ChaincodeFlags): Promise<void> {
  const channelId = requireChannel(flags);
  const session = await Session.open(io, flags);
  const waiters: CommitWaiter[] = [];
  try {
    await session.connectPeers('invoke', true);
    const orderer = await session.connectOrderer(channelId);
    const { name, args } = await callOf(flags);
    const proposal = await propose(session, channelId, name, args);
    const responses = await Promise.all(
      session.peers.map((one) =>
        one.processProposal(proposal.signed).catch((error: unknown) => fail('invoke', error)),
      ),
    );
    const bad = responses.find((one) => !isSuccess(one));
    if (bad)
      throw new LauncherError(
        `endorsement failure during invoke. response: ${responseText(bad.getResponse())}`,
      );
    const [first] = responses;
    const transaction = await signedTransaction(session.signer, proposal, responses).catch(
      (error: unknown) => {
        throw new LauncherError(
          `could not assemble transaction: ${messageOf(error)} - proposal response: ${proposalResponseText(first)}`,
          { cause: error },
        );
      },
    );
    if (flags.waitForEvent) {
      for (const one of session.peers) {
        waiters.push(await CommitWaiter.start(one, session.signer, channelId, proposal.txId));
      }
    }
    await orderer.broadcast(transaction).catch((error: unknown) => {
      throw new LauncherError(
        `error sending transaction for invoke: ${messageOf(error)} - proposal response: ${proposalResponseText(first)}`,
        { cause: error },
      );
    });
    const timeoutMs = durationMs(flags.waitForEventTimeout);
    await Promise.all(waiters.map((waiter) => reportCommit(session, waiter, proposal.txId, timeoutMs)));
    const result = responseText(first?.getResponse());
    session.log.info(
      'chaincodeCmd',
      'chaincodeInvokeOrQuery',
      `Chaincode invoke successful. result: ${result}`,
    );
    if (flags.output === 'json') {
      io.stdout.write(`${JSON.stringify({ txId: proposal.txId, ...asJson(first) })}\n`);
    }
  } finally {
    for (const waiter of waiters) waiter.close();
    session.close();
  }
}

/** `chaincode query` */
export async function queryCommand(io: CliIo, flags: ChaincodeFlags): Promise<void> {
  const channelId = requireChannel(flags);
  const session = await Session.open(io, flags);
  try {
    await session.connectPeers('query');
    const { name, args } = await callOf(flags);
    if (flags.raw && flags.hex)
      throw new LauncherError('options --raw (-r) and --hex (-x) are not compatible');
    const proposal = await propose(session, channelId, name, args);
    const response = await session.peer
      .processProposal(proposal.signed)
      .catch((error: unknown) => fail('query', error));
    if (!isSuccess(response)) {
      throw new LauncherError(
        `endorsement failure during query. response: ${responseText(response.getResponse())}`,
      );
    }
    io.stdout.write(`${shownPayload(response, flags)}\n`);
  } finally {
    session.close();
  }
}

function shownPayload(response: peer.ProposalResponse, flags: ChaincodeFlags): string {
  const payload = Buffer.from(response.getResponse()?.getPayload_asU8() ?? []);
  if (flags.output === 'json') return JSON.stringify(asJson(response));
  if (flags.raw) return `[${payload.join(' ')}]`;
  return payload.toString(flags.hex ? 'hex' : 'utf8');
}

function asJson(response: peer.ProposalResponse | undefined): object {
  const inner = response?.getResponse();
  const payload = Buffer.from(inner?.getPayload_asU8() ?? []);
  return {
    status: inner?.getStatus() ?? 0,
    message: inner?.getMessage() ?? '',
    payload: payload.toString('utf8'),
    payloadBase64: payload.toString('base64'),
  };
}

async function callOf(flags: ChaincodeFlags): Promise<{ name: string; args: Uint8Array[] }> {
  return asUsageErrors(() => {
    if (!flags.name) throw new UsageError('must supply value for chaincode name parameter');
    return { name: flags.name, args: parseCtor(flags.ctor) };
  });
}

async function propose(
  session: Session,
  channelId: string,
  name: string,
  args: readonly Uint8Array[],
): ReturnType<Session['propose']> {
  try {
    return await session.propose(channelId, name, args);
  } catch (error) {
    throw new LauncherError(`${messageOf(error)} - proposal response: <nil>`, { cause: error });
  }
}

function fail(command: string, error: unknown): never {
  throw new LauncherError(`error endorsing ${command}: ${messageOf(error)} - proposal response: <nil>`, {
    cause: error,
  });
}

function isSuccess(response: peer.ProposalResponse): boolean {
  const status = response.getResponse()?.getStatus() ?? 0;
  return status >= 200 && status < 400;
}
