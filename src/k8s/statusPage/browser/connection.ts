import type { ServerState } from '../viewTypes.js';
import { root } from './dom.js';

export type LinkState = 'connecting' | 'live' | 'lost';

export interface ConnectionOptions {
  /** Event to listen for. */
  readonly event: string;
  /** Only of this launch: `namespace/name`. */
  readonly launch?: string;
  readonly onNews: (data: string) => void;
  readonly onState: (state: ServerState) => void;
  readonly onLink: (link: LinkState) => void;
}

/** The server beats every 10 s: after so long without one the connection is dead, whatever the browser thinks. */
const silenceMs = 25_000;
const firstPauseMs = 500;
const longestPauseMs = 10_000;

/**
 * The stream, kept up. EventSource gives up at an answer that is no stream (a proxy's 502), and does not notice a connection
 * that died silently, so that the coming back is done here; it goes on where it was. A hidden page lets its connection go:
 * browsers allow six to one server, and a seventh tab would wait for ever.
 */
export class Connection {
  readonly #options: ConnectionOptions;
  #source: EventSource | undefined;
  #lastId: string | undefined;
  #pauseMs = firstPauseMs;
  #again: number | undefined;
  #silence: number | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const awake = (): void => (document.visibilityState === 'visible' ? this.#wake() : this.#close());
    document.addEventListener('visibilitychange', awake);
    addEventListener('pageshow', awake);
    addEventListener('pagehide', () => this.#close());
    addEventListener('online', awake);
    options.onLink('connecting');
    awake();
  }

  #wake(): void {
    if (!this.#source) this.#open();
  }

  #open(): void {
    this.#close();
    const { event, launch, onNews, onState, onLink } = this.#options;
    const url = new URL('api/stream', root);
    if (launch !== undefined) url.searchParams.set('launch', launch);
    if (this.#lastId !== undefined) url.searchParams.set('after', this.#lastId);
    const source = new EventSource(url);
    this.#source = source;
    this.#listen();
    source.addEventListener('beat', ({ data }: MessageEvent<string>) => {
      this.#pauseMs = firstPauseMs;
      this.#listen();
      onState(JSON.parse(data) as ServerState);
      onLink('live');
    });
    source.addEventListener(event, ({ data, lastEventId }: MessageEvent<string>) => {
      this.#listen();
      onNews(data);
      this.#lastId = lastEventId;
    });
    source.addEventListener('error', () => this.#lost());
  }

  #listen(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#lost(), silenceMs);
  }

  #lost(): void {
    this.#close();
    this.#options.onLink('lost');
    this.#again = setTimeout(() => this.#open(), this.#pauseMs * (0.75 + Math.random() / 2));
    this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs);
  }

  #close(): void {
    clearTimeout(this.#again);
    clearTimeout(this.#silence);
    this.#source?.close();
    this.#source = undefined;
  }
}
