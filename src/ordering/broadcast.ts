import { once } from 'node:events';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { messageOf } from '../errors.js';
import type { Logger } from '../ops/log.js';
import { common, decode, orderer } from '../protos/index.js';
import type { SoloChain } from './soloChain.js';

const { Status, HeaderType } = common;
type StatusCode = common.StatusMap[keyof common.StatusMap];
type BroadcastCall = ServerDuplexStream<common.Envelope, orderer.BroadcastResponse>;

interface Verdict {
  readonly status: StatusCode;
  readonly info: string;
}

const success: Verdict = { status: Status.SUCCESS, info: '' };
const refuse = (status: StatusCode, info: string): Verdict => ({ status, info });

/** Broadcast of `orderer.AtomicBroadcast`; the stream ends after any answer but SUCCESS. */
export function broadcastService(
  chains: (channelId: string) => SoloChain | undefined,
  logger: Logger,
): (call: BroadcastCall) => void {
  return (call) => {
    call.on('error', () => call.destroy());
    void serve(call, chains).catch((error: unknown) => {
      logger.warn({ err: error }, `broadcast stream failed: ${messageOf(error)}`);
    });
  };
}

async function serve(
  call: BroadcastCall,
  chains: (channelId: string) => SoloChain | undefined,
): Promise<void> {
  // Leaving the loop must not destroy the stream: its status has still to be sent.
  for await (const envelope of call.iterator({ destroyOnReturn: false }) as AsyncIterable<common.Envelope>) {
    const verdict = await accept(envelope, chains);
    const response = new orderer.BroadcastResponse();
    response.setStatus(verdict.status);
    response.setInfo(verdict.info);
    if (!call.write(response)) await once(call, 'drain');
    if (verdict.status !== Status.SUCCESS) break;
  }
  call.end();
}

/** Checks an envelope as the orderer's message processors do and queues it. */
async function accept(
  envelope: common.Envelope,
  chains: (channelId: string) => SoloChain | undefined,
): Promise<Verdict> {
  let channelHeader: common.ChannelHeader;
  let creator: Uint8Array;
  try {
    const payload = decode(common.Payload, envelope.getPayload_asU8(), 'Payload');
    const header = payload.getHeader();
    if (!header) return refuse(Status.BAD_REQUEST, 'could not determine channel ID: header not set');
    channelHeader = decode(common.ChannelHeader, header.getChannelHeader_asU8(), 'ChannelHeader');
    creator = decode(
      common.SignatureHeader,
      header.getSignatureHeader_asU8(),
      'SignatureHeader',
    ).getCreator_asU8();
  } catch (error) {
    return refuse(Status.BAD_REQUEST, messageOf(error));
  }
  const chain = chains(channelHeader.getChannelId());
  if (!chain) {
    return refuse(Status.NOT_FOUND, 'channel does not exist');
  }
  const type = channelHeader.getType();
  if (type === HeaderType.ORDERER_TRANSACTION || type === HeaderType.CONFIG) {
    return refuse(Status.BAD_REQUEST, 'message is of type that cannot be processed directly');
  }
  return queue(envelope, chain, type, creator);
}

async function queue(
  envelope: common.Envelope,
  chain: SoloChain,
  type: number,
  creator: Uint8Array,
): Promise<Verdict> {
  const refused = await refusalOf(chain, envelope, creator);
  const bytes = envelope.serializeBinary();
  if (type !== HeaderType.CONFIG_UPDATE) {
    if (refused) return refused;
    const size = sizeOf(envelope);
    const refusal = async (): Promise<string | undefined> =>
      (await refusalOf(chain, envelope, creator))?.info;
    return untilHalted(chain, () => chain.order({ bytes, size, refusal }));
  }
  if (refused) {
    const info = `config update for existing channel did not pass initial checks: ${refused.info}`;
    return refuse(refused.status, info);
  }
  return untilHalted(chain, () => chain.configure(bytes));
}

async function untilHalted(chain: SoloChain, work: () => Promise<void>): Promise<Verdict> {
  try {
    await work();
    return success;
  } catch (error) {
    if (chain.halted) return refuse(Status.SERVICE_UNAVAILABLE, messageOf(error));
    return refuse(
      Status.BAD_REQUEST,
      `error applying config update to existing channel '${chain.resources.channelId}': ${messageOf(error)}`,
    );
  }
}

const sizeOf = (envelope: common.Envelope): number =>
  envelope.getPayload_asU8().length + envelope.getSignature_asU8().length;

/** The checks of orderer/common/msgprocessor in their order; undefined when all are passed. */
async function refusalOf(
  chain: SoloChain,
  envelope: common.Envelope,
  creator: Uint8Array,
): Promise<Verdict | undefined> {
  if (envelope.getPayload_asU8().length === 0) return refuse(Status.BAD_REQUEST, 'Message was empty');
  if (isExpired(chain, creator)) return refuse(Status.BAD_REQUEST, 'identity expired');
  const { absoluteMaxBytes } = chain.resources.orderer;
  const size = sizeOf(envelope);
  if (size > absoluteMaxBytes) {
    return refuse(
      Status.BAD_REQUEST,
      `message payload is ${size} bytes and exceeds maximum allowed ${absoluteMaxBytes} bytes`,
    );
  }
  const denied = await deniedBy(chain, envelope, creator);
  return denied === undefined ? undefined : refuse(Status.FORBIDDEN, denied);
}

function isExpired(chain: SoloChain, creator: Uint8Array): boolean {
  try {
    return chain.resources.deserializer.deserializeIdentity(creator).expiresAt.getTime() < Date.now();
  } catch {
    // Whoever does not decode is refused by the signature check, which says why.
    return false;
  }
}

/** Why the signer may not write; undefined when it may. */
async function deniedBy(
  chain: SoloChain,
  envelope: common.Envelope,
  creator: Uint8Array,
): Promise<string | undefined> {
  const policy = chain.resources.policies.getPolicy('/Channel/Writers');
  if (!policy) return 'could not find policy /Channel/Writers';
  try {
    await policy.evaluateSignedData([
      { data: envelope.getPayload_asU8(), identity: creator, signature: envelope.getSignature_asU8() },
    ]);
    return undefined;
  } catch (error) {
    return `${messageOf(error)}: permission denied`;
  }
}
