import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { LauncherError, messageOf } from '../../errors.js';
import type { Logger } from '../../ops/log.js';
import { ApiError, isExpired } from './apiError.js';
import type { KubeClient } from './kubeClient.js';
import { keyOf, type KubeObject } from './objects.js';
import { listPath, type Resource, type Selection } from './resource.js';

/** Told after the store has changed. `object` is undefined when it is gone. */
export type ChangeListener<T> = (key: string, object: T | undefined, before: T | undefined) => void;

export interface InformerOptions<T extends KubeObject> {
  readonly client: KubeClient;
  readonly resource: Resource<T>;
  readonly selection: Selection;
  readonly onChange: ChangeListener<T>;
  readonly logger: Logger;
  /** What is kept of an object: less memory where thousands are. */
  readonly keep?: (object: T) => T;
  /** A watch that says nothing for so long, not even a bookmark, is taken for dead. @default 90 s */
  readonly idleMs?: number | undefined;
  /** How long the server is asked to keep a watch open. @default 300–600 s, by chance */
  readonly watchSeconds?: () => number;
  /** Puts errors of a list or watch into better words. */
  readonly explain?: (error: unknown) => unknown;
  /** Counted in metrics: why the watch began anew. */
  readonly onReconnect?: (reason: string) => void;
  /** First pause after an error; doubles up to 30 s. @default 200 ms */
  readonly backoffMs?: number;
}

interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: T & { readonly code?: number; readonly message?: string };
}

const longestBackoffMs = 30_000;
const goneRemembered = 1000;

/**
 * A store that follows the API server: list, then watch from there, for ever. What happens to the connection (closed, reset,
 * silent, expired, server restarted) delays the store and never ends it; a new list is told as the differences to what
 * was known, so that no deletion is lost.
 */
export class Informer<T extends KubeObject> {
  readonly #options: InformerOptions<T>;
  readonly #items = new Map<string, T>();
  /** UIDs of what was deleted lately: an answer that comes late must not bring it back. */
  readonly #gone = new Set<string>();
  readonly #stop = new AbortController();
  #synced = false;
  #announceSync!: () => void;
  /** Resolves when the first list is in the store. */
  readonly synced: Promise<void>;
  #running: Promise<void> | undefined;
  #resourceVersion: string | undefined;
  #lastError: unknown;

  constructor(options: InformerOptions<T>) {
    this.#options = options;
    this.synced = new Promise((resolve) => {
      this.#announceSync = resolve;
    });
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort(new LauncherError('stopped'));
    await this.#running;
  }

  get(key: string): T | undefined {
    return this.#items.get(key);
  }

  list(): IterableIterator<T> {
    return this.#items.values();
  }

  get size(): number {
    return this.#items.size;
  }

  get hasSynced(): boolean {
    return this.#synced;
  }

  /** Why the last list or watch failed; undefined while all is well. */
  get lastError(): unknown {
    return this.#lastError;
  }

  /** Takes in what the caller has just got from the server, unless the watch has told something newer, or its end. */
  remember(object: T): void {
    if (this.#gone.has(object.metadata.uid ?? '')) return;
    const known = this.#items.get(keyOf(object));
    if (known && !isNewer(object, known)) return;
    this.#items.set(keyOf(object), this.#kept(object));
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const first = this.#options.backoffMs ?? 200;
    let backoff = first;
    const stopped = (): boolean => signal.aborted;
    while (!stopped()) {
      const begin = performance.now();
      try {
        if (this.#resourceVersion === undefined) await this.#list();
        const reason = await this.#watch();
        this.#options.onReconnect?.(reason);
      } catch (error) {
        if (stopped()) break;
        this.#failed(error);
      }
      // A watch that held for a while was a good one; the next error is the first again.
      if (performance.now() - begin > longestBackoffMs) backoff = first;
      if (this.#lastError === undefined) {
        backoff = first;
        continue;
      }
      await sleep(backoff * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined);
      backoff = Math.min(backoff * 2, longestBackoffMs);
    }
  }

  #failed(error: unknown): void {
    const { resource, logger, onReconnect, explain } = this.#options;
    const told = explain?.(error) ?? error;
    this.#lastError = told;
    if (isExpired(error)) {
      this.#resourceVersion = undefined;
      this.#lastError = undefined;
      onReconnect?.('expired');
      return;
    }
    // A server that has lost the collection (the CRD was replaced) is asked for all of it again.
    if (error instanceof ApiError) this.#resourceVersion = undefined;
    onReconnect?.('error');
    logger.warn(
      { kind: resource.kind.kind, err: error },
      `watching failed, trying again: ${messageOf(told)}`,
    );
  }

  async #list(): Promise<void> {
    const { resource, selection } = this.#options;
    const page = await resource.list(selection, this.#stop.signal);
    const gone = new Set(this.#items.keys());
    for (const item of page.items) {
      gone.delete(keyOf(item));
      const before = this.#items.get(keyOf(item));
      if (before?.metadata.resourceVersion !== item.metadata.resourceVersion) this.#put(item);
    }
    for (const key of gone) this.#remove(key);
    this.#resourceVersion = page.resourceVersion;
    this.#lastError = undefined;
    if (this.#synced) return;
    this.#synced = true;
    this.#announceSync();
  }

  /** Until the watch is over; the text says how it ended. */
  async #watch(): Promise<string> {
    const { client, resource, selection, idleMs, watchSeconds } = this.#options;
    const over = new AbortController();
    const signal = AbortSignal.any([this.#stop.signal, over.signal]);
    const agent = client.watchAgent();
    let idle: NodeJS.Timeout | undefined;
    const alive = (): void => {
      clearTimeout(idle);
      idle = setTimeout(() => over.abort(new IdleWatch('the watch has gone silent')), idleMs ?? 90_000);
    };
    alive();
    try {
      const response = await client.open(
        {
          method: 'GET',
          path: listPath(resource.kind, selection, {
            watch: 'true',
            allowWatchBookmarks: 'true',
            resourceVersion: this.#resourceVersion ?? '',
            timeoutSeconds: String(watchSeconds?.() ?? 300 + Math.floor(Math.random() * 300)),
          }),
          signal,
        },
        agent,
      );
      this.#lastError = undefined;
      await this.#read(response, signal, alive);
      return 'closed';
    } catch (error) {
      if (error instanceof IdleWatch) return 'idle';
      throw error;
    } finally {
      clearTimeout(idle);
      over.abort(new LauncherError('over'));
      agent.destroy();
    }
  }

  async #read(response: IncomingMessage, signal: AbortSignal, alive: () => void): Promise<void> {
    response.setEncoding('utf8');
    const onAbort = (): void => void response.destroy(asError(signal.reason));
    signal.addEventListener('abort', onAbort, { once: true });
    let rest = '';
    let events = 0;
    try {
      for await (const chunk of response as AsyncIterable<string>) {
        alive();
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          this.#take(JSON.parse(line) as WatchEvent<T>);
          events += 1;
        }
      }
    } catch (error) {
      // A connection that breaks after it had brought something is as good as closed: go on from there.
      if (signal.aborted || error instanceof ApiError || events === 0) throw error;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
    if (events === 0) await sleep(this.#options.backoffMs ?? 200, undefined, { signal });
  }

  #take(event: WatchEvent<T>): void {
    const { object } = event;
    if (event.type === 'ERROR') {
      throw new ApiError('watch', object.code ?? 500, JSON.stringify(object));
    }
    this.#resourceVersion = object.metadata.resourceVersion;
    if (event.type === 'BOOKMARK') return;
    if (event.type === 'DELETED') this.#remove(keyOf(object));
    else this.#put(object);
  }

  #put(object: T): void {
    const key = keyOf(object);
    const before = this.#items.get(key);
    if (before && !isNewer(object, before) && before.metadata.uid === object.metadata.uid) return;
    const kept = this.#kept(object);
    this.#items.set(key, kept);
    this.#options.onChange(key, kept, before);
  }

  #remove(key: string): void {
    const before = this.#items.get(key);
    if (!before) return;
    this.#items.delete(key);
    this.#gone.add(before.metadata.uid ?? '');
    const [oldest] = this.#gone;
    if (this.#gone.size > goneRemembered && oldest !== undefined) this.#gone.delete(oldest);
    this.#options.onChange(key, undefined, before);
  }

  #kept(object: T): T {
    return this.#options.keep?.(object) ?? object;
  }
}

class IdleWatch extends LauncherError {}

/** Resource versions are numbers in every API server there is, though clients are told not to count on it. */
function isNewer(object: KubeObject, known: KubeObject): boolean {
  const [a, b] = [Number(object.metadata.resourceVersion), Number(known.metadata.resourceVersion)];
  return Number.isNaN(a) || Number.isNaN(b) || a > b;
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new LauncherError(messageOf(reason));
}
