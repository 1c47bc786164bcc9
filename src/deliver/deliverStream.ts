import { once } from 'node:events';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { messageOf } from '../errors.js';
import type { Logger } from '../ops/log.js';
import { common } from '../protos/index.js';
import { DeliverRefusal, readRange, readRequest, type SeekRequest } from './seek.js';
import type { DeliverMetrics } from './metrics.js';
import type { DeliverChannels } from './types.js';

const { Status } = common;
type StatusCode = common.StatusMap[keyof common.StatusMap];

export interface DeliverOptions {
  readonly channels: DeliverChannels;
  readonly logger: Logger;
  readonly metrics?: DeliverMetrics;
  /** peer.authentication.timewindow. @default 15 min */
  readonly timeWindowMs?: number;
  /** The listener demands client certificates. @default false */
  readonly mutualTls?: boolean;
  /** @default Date.now */
  readonly now?: () => number;
}

/** How blocks and statuses become the answers of one service. */
export interface AnswerFormat<R> {
  readonly filtered: boolean;
  block(block: common.Block, channelId: string): R;
  status(status: StatusCode): R;
}

/** Serves one Deliver stream: each request is worked off in full before the next one is read. */
export async function serveDeliver<R>(
  call: ServerDuplexStream<common.Envelope, R>,
  options: DeliverOptions,
  format: AnswerFormat<R>,
): Promise<void> {
  const abort = new AbortController();
  call.on('cancelled', () => abort.abort());
  call.on('error', () => abort.abort());
  options.metrics?.opened();
  try {
    // Leaving the loop must not destroy the stream: its status has still to be sent.
    for await (const envelope of call.iterator({
      destroyOnReturn: false,
    }) as AsyncIterable<common.Envelope>) {
      const status = await answer(envelope, call, options, format, abort.signal);
      await write(call, format.status(status), abort.signal);
      if (status !== Status.SUCCESS) break;
    }
  } catch (error) {
    // A client that goes away ends its stream; anything else is worth a line.
    if (!abort.signal.aborted)
      options.logger.warn({ err: error }, `deliver stream failed: ${messageOf(error)}`);
  } finally {
    options.metrics?.closed();
    abort.abort();
    call.end();
  }
}

async function answer<R>(
  envelope: common.Envelope,
  call: ServerDuplexStream<common.Envelope, R>,
  options: DeliverOptions,
  format: AnswerFormat<R>,
  signal: AbortSignal,
): Promise<StatusCode> {
  let channelId = '';
  try {
    const request = readRequest(envelope, {
      channels: options.channels,
      timeWindowMs: options.timeWindowMs ?? 15 * 60_000,
      now: options.now ?? Date.now,
      requireTlsBinding: options.mutualTls ?? false,
      clientCertificate: options.mutualTls ? clientCertificate(call) : undefined,
    });
    channelId = request.channelId;
    options.metrics?.requested(channelId, format.filtered);
    await sendBlocks(request, call, options, format, signal);
    options.metrics?.completed(channelId, format.filtered, true);
    return Status.SUCCESS;
  } catch (error) {
    if (channelId !== '') options.metrics?.completed(channelId, format.filtered, false);
    if (!(error instanceof DeliverRefusal)) throw error;
    options.logger.warn(`Rejecting deliver for ${call.getPeer()}: ${error.message}`);
    return error.status;
  }
}

async function sendBlocks<R>(
  request: SeekRequest,
  call: ServerDuplexStream<common.Envelope, R>,
  options: DeliverOptions,
  format: AnswerFormat<R>,
  signal: AbortSignal,
): Promise<void> {
  const { channelId, channel } = request;
  const { blocks } = channel;
  let checkedSequence = await checkAccess(request, -1, options);
  const { start, stop, failIfNotReady } = readRange(request);
  for (let next = start; next <= stop; next++) {
    checkedSequence = await checkAccess(request, checkedSequence, options);
    if (next >= blocks.height) {
      if (failIfNotReady) throw new DeliverRefusal(Status.NOT_FOUND, `block ${next} is not there yet`);
      await blocks.waitForBlock(next, signal);
      checkedSequence = await checkAccess(request, checkedSequence, options);
    }
    await write(call, format.block(blocks.getBlock(next), channelId), signal);
    options.metrics?.sent(channelId, format.filtered);
  }
}

/** Access is checked again with every new configuration, the end of the certificate with every block. */
async function checkAccess(
  request: SeekRequest,
  checkedSequence: number,
  options: DeliverOptions,
): Promise<number> {
  const expiresAt = expiryOf(request);
  if (expiresAt && expiresAt.getTime() < (options.now ?? Date.now)()) {
    throw new DeliverRefusal(Status.FORBIDDEN, `client identity expired ${expiresAt.toISOString()}`);
  }
  const sequence = request.channel.configSequence;
  if (sequence === checkedSequence) return sequence;
  try {
    await request.channel.checkAccess(request.envelope, request.creator);
  } catch (cause) {
    throw new DeliverRefusal(Status.FORBIDDEN, `client is not authorized: ${messageOf(cause)}`, { cause });
  }
  return sequence;
}

/** undefined for a creator that does not decode: the access check says why it is refused. */
function expiryOf(request: SeekRequest): Date | undefined {
  try {
    return request.channel.expiresAt(request.creator);
  } catch {
    return undefined;
  }
}

/** Waits while the client does not read, so that nothing piles up. */
async function write<R>(
  call: ServerDuplexStream<common.Envelope, R>,
  message: R,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  if (!call.write(message)) await once(call, 'drain', { signal });
}

function clientCertificate(call: ServerDuplexStream<common.Envelope, unknown>): Uint8Array | undefined {
  return call.getAuthContext().sslPeerCertificate?.raw;
}
