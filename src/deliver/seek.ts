import { createHash } from 'node:crypto';
import { LauncherError } from '../errors.js';
import { common, decode, orderer } from '../protos/index.js';
import type { DeliverChannel, DeliverChannels } from './types.js';

const { Status } = common;
type StatusCode = common.StatusMap[keyof common.StatusMap];

/** A request that is answered with a status and ends the stream. */
export class DeliverRefusal extends LauncherError {
  override readonly name = 'DeliverRefusal';
  readonly status: StatusCode;

  constructor(status: StatusCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.status = status;
  }
}

/** A request for blocks whose sender and channel are known; what it asks for is read once it may ask. */
export interface SeekRequest {
  readonly channelId: string;
  readonly channel: DeliverChannel;
  readonly creator: Uint8Array;
  readonly envelope: common.Envelope;
  /** Marshalled SeekInfo. */
  readonly data: Uint8Array;
}

/** The blocks that are asked for. */
export interface SeekRange {
  readonly start: number;
  /** Included; may be far beyond the height. */
  readonly stop: number;
  readonly failIfNotReady: boolean;
}

export interface SeekChecks {
  readonly channels: DeliverChannels;
  /** Milliseconds that a request's time may be off. */
  readonly timeWindowMs: number;
  readonly now: () => number;
  /** DER of the client's TLS certificate, when the listener demands one. */
  readonly clientCertificate?: Uint8Array | undefined;
  readonly requireTlsBinding: boolean;
}

/** Reads and checks one request of a deliver stream (common/deliver, contract 17). Throws DeliverRefusal. */
export function readRequest(envelope: common.Envelope, checks: SeekChecks): SeekRequest {
  const { channelHeader, creator, data } = open(envelope);
  checkTime(channelHeader, checks);
  checkTlsBinding(channelHeader, checks);
  const channelId = channelHeader.getChannelId();
  const channel = checks.channels(channelId);
  if (!channel) throw new DeliverRefusal(Status.NOT_FOUND, `channel ${channelId} not found`);
  return { channelId, channel, creator, envelope, data };
}

/** Reads which blocks are wanted. Throws DeliverRefusal. */
export function readRange({ data, channel }: SeekRequest): SeekRange {
  const info = bad(() => decode(orderer.SeekInfo, data, 'SeekInfo'), 'malformed seekInfo payload');
  const start = info.getStart();
  const stop = info.getStop();
  if (!start || !stop) {
    throw new DeliverRefusal(Status.BAD_REQUEST, 'seekInfo missing start or stop');
  }
  const { height } = channel.blocks;
  const first = positionOf(start, height);
  const last = positionOf(stop, height);
  if (first > last) {
    throw new DeliverRefusal(
      Status.BAD_REQUEST,
      `start number (${first}) greater than stop number (${last})`,
    );
  }
  const failIfNotReady = info.getBehavior() === orderer.SeekInfo.SeekBehavior.FAIL_IF_NOT_READY;
  return { start: first, stop: last, failIfNotReady };
}

function open(envelope: common.Envelope): {
  channelHeader: common.ChannelHeader;
  creator: Uint8Array;
  data: Uint8Array;
} {
  return bad(() => {
    const payload = decode(common.Payload, envelope.getPayload_asU8(), 'Payload');
    const header = payload.getHeader();
    if (!header) throw new LauncherError('malformed envelope received with bad header');
    const channelHeader = decode(common.ChannelHeader, header.getChannelHeader_asU8(), 'ChannelHeader');
    const signatureHeader = decode(
      common.SignatureHeader,
      header.getSignatureHeader_asU8(),
      'SignatureHeader',
    );
    return { channelHeader, creator: signatureHeader.getCreator_asU8(), data: payload.getData_asU8() };
  }, 'malformed envelope received');
}

function checkTime(channelHeader: common.ChannelHeader, checks: SeekChecks): void {
  const timestamp = channelHeader.getTimestamp();
  if (!timestamp) {
    throw new DeliverRefusal(Status.BAD_REQUEST, 'channel header in envelope must contain timestamp');
  }
  if (Math.abs(timestamp.toDate().getTime() - checks.now()) > checks.timeWindowMs) {
    throw new DeliverRefusal(
      Status.BAD_REQUEST,
      `envelope timestamp ${timestamp.toDate().toISOString()} is more than ${checks.timeWindowMs / 60_000}m apart from current server time ${new Date(checks.now()).toISOString()}`,
    );
  }
}

function checkTlsBinding(channelHeader: common.ChannelHeader, checks: SeekChecks): void {
  if (!checks.requireTlsBinding) return;
  const claimed = channelHeader.getTlsCertHash_asU8();
  if (claimed.length === 0) {
    throw new DeliverRefusal(Status.BAD_REQUEST, "client didn't include its TLS cert hash");
  }
  const actual = createHash('sha256')
    .update(checks.clientCertificate ?? new Uint8Array())
    .digest();
  if (!actual.equals(claimed)) {
    throw new DeliverRefusal(
      Status.BAD_REQUEST,
      `claimed TLS cert hash is ${Buffer.from(claimed).toString('hex')} but actual TLS cert hash is ${actual.toString('hex')}`,
    );
  }
}

function positionOf(position: orderer.SeekPosition, height: number): number {
  if (position.hasOldest()) return 0;
  if (position.hasNewest()) return height - 1;
  if (position.hasSpecified()) return position.getSpecified()?.getNumber() ?? 0;
  return height;
}

function bad<T>(read: () => T, prefix: string): T {
  try {
    return read();
  } catch (cause) {
    throw new DeliverRefusal(Status.BAD_REQUEST, prefix, { cause });
  }
}
