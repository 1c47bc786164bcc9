import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { messageOf } from '../../errors.js';
import type { ChaincodeLaunch } from '../api/chaincodeLaunch.js';
import { shell, type Asset } from './assets.js';
import { ChangeLog } from './changeLog.js';
import { detailOf, rowOf } from './launchView.js';
import { withoutCredentials } from './plainText.js';
import type { LaunchSource } from './source.js';
import { Streams, type NewsSince } from './streams.js';
import type { LaunchesNews, LaunchNews, LaunchRow, ServerState } from './viewTypes.js';

export interface StatusPageOptions {
  readonly source: LaunchSource;
  /** The browser's files by name. */
  readonly assets: ReadonlyMap<string, Asset>;
  /** Shown as the one that answers. */
  readonly replica: string;
  /** Namespace that is served; absent = all. */
  readonly namespace?: string;
  /** Streams open at the same time; more are answered 503. @default 64 */
  readonly maxStreams?: number;
  /** @default 10 s */
  readonly beatMs?: number;
  /** A reader that takes nothing for so long is dropped. @default 30 s */
  readonly stallMs?: number;
  /** Changes of so long a time go out together. @default 250 ms */
  readonly gatherMs?: number;
}

/** Nothing is loaded but the page's own files; no page may frame it, and nothing can be sent from it. */
const securityHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const;

interface LaunchParameters {
  Params: { namespace: string; name: string };
}

/**
 * The read-only status page of an operator's launches: two pages, JSON, and a stream of what changes. It knows no users.
 * The caller listens and closes.
 */
export function createStatusPage(options: StatusPageOptions): FastifyInstance {
  const { source } = options;
  const server = fastify({
    requestTimeout: 10_000,
    forceCloseConnections: true,
    // A name of Kubernetes has up to 253 characters.
    routerOptions: { maxParamLength: 300 },
  });
  server.addHook('onRequest', guard);
  server.setNotFoundHandler(async (_request, reply) => {
    void reply.code(404).type('text/plain; charset=utf-8');
    return 'not found\n';
  });
  const view = new LaunchesView(options);
  addPages(server, source);
  addAssets(server, options.assets);
  addJson(server, view);
  addStream(server, view, options);
  return server;
}

async function guard(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
  void reply.headers(securityHeaders).header('cache-control', 'no-store');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return reply.code(405).header('allow', 'GET, HEAD').type('text/plain').send('read-only\n');
  }
  // Foreign pages must not use up the streams, nor probe what is here.
  if (
    request.headers['sec-fetch-site'] === 'cross-site' &&
    request.headers['sec-fetch-mode'] !== 'navigate'
  ) {
    return reply.code(403).type('text/plain').send('not from another site\n');
  }
  return undefined;
}

function addPages(server: FastifyInstance, source: LaunchSource): void {
  server.get('/', async (_request, reply) => reply.type('text/html; charset=utf-8').send(shell('./')));
  server.get<LaunchParameters>('/launches/:namespace/:name', async (request, reply) => {
    // The page says so too, and shows the launch if it comes to be.
    if (!source.launch(keyIn(request.params))) void reply.code(404);
    return reply.type('text/html; charset=utf-8').send(shell('../../'));
  });
}

function addAssets(server: FastifyInstance, assets: ReadonlyMap<string, Asset>): void {
  for (const [name, { type, body, etag }] of assets) {
    server.get(`/assets/${name}`, async (request, reply) => {
      void reply.header('cache-control', 'no-cache').header('etag', etag);
      if (request.headers['if-none-match'] === etag) return reply.code(304).send();
      return reply.type(type).send(body);
    });
  }
}

function addJson(server: FastifyInstance, view: LaunchesView): void {
  server.get('/api/launches', async () => {
    const { state, launches } = view.all();
    return { state, launches };
  });
  server.get<LaunchParameters>('/api/launches/:namespace/:name', async (request, reply) => {
    const news = view.one(keyIn(request.params));
    if (!news.launch) void reply.code(404);
    return news;
  });
}

function addStream(server: FastifyInstance, view: LaunchesView, options: StatusPageOptions): void {
  const changes = new ChangeLog();
  const streams = new Streams({
    changes,
    beat: () => view.state(),
    most: options.maxStreams ?? 64,
    beatMs: options.beatMs ?? 10_000,
    stallMs: options.stallMs ?? 30_000,
    gatherMs: options.gatherMs ?? 250,
  });
  const forget = options.source.onChange((key) => {
    changes.add(key);
    streams.changed();
  });
  server.addHook('preClose', async () => {
    forget();
    streams.close();
  });
  const newsOfAll: NewsSince = (after) => {
    const keys = after === undefined ? undefined : changes.since(after);
    return { event: 'launches', data: keys ? view.some(keys) : view.all() };
  };
  const newsOfOne =
    (key: string): NewsSince =>
    (after) => {
      const keys = after === undefined ? undefined : changes.since(after);
      return keys && !keys.includes(key) ? undefined : { event: 'launch', data: view.one(key) };
    };
  server.get<{ Querystring: Record<string, unknown> }>(
    '/api/stream',
    { exposeHeadRoute: false },
    async (request, reply) => {
      if (streams.full) {
        return reply.code(503).header('retry-after', '10').send({ error: 'too many open streams' });
      }
      const { launch, after } = request.query;
      const id = typeof after === 'string' ? after : request.headers['last-event-id'];
      reply.hijack();
      openStream(reply);
      const news = typeof launch === 'string' ? newsOfOne(launch) : newsOfAll;
      streams.add(reply.raw, news, typeof id === 'string' ? changes.numberOf(id) : undefined);
      return reply;
    },
  );
}

function openStream({ raw }: FastifyReply): void {
  raw.setTimeout(0);
  raw.writeHead(200, {
    ...securityHeaders,
    'cache-control': 'no-store',
    'content-type': 'text/event-stream; charset=utf-8',
    // nginx would keep it back.
    'x-accel-buffering': 'no',
  });
}

function keyIn({ namespace, name }: LaunchParameters['Params']): string {
  return `${namespace}/${name}`;
}

/** What readers are told, from what the source has now. */
class LaunchesView {
  readonly #options: StatusPageOptions;
  /** The cache's objects are replaced, never changed: a row holds as long as its object. */
  readonly #rows = new WeakMap<ChaincodeLaunch, LaunchRow>();

  constructor(options: StatusPageOptions) {
    this.#options = options;
  }

  state(): ServerState {
    const { source, replica, namespace } = this.#options;
    const { leads, synced, trouble } = source.state();
    return {
      now: new Date().toISOString(),
      replica,
      leads,
      namespace,
      synced,
      trouble: trouble === undefined ? undefined : withoutCredentials(messageOf(trouble)),
    };
  }

  all(): LaunchesNews {
    const launches = [...this.#options.source.launches()].map((launch) => this.#row(launch));
    return { state: this.state(), full: true, launches, gone: [] };
  }

  some(keys: readonly string[]): LaunchesNews {
    const launches: LaunchRow[] = [];
    const gone: string[] = [];
    for (const key of keys) {
      const launch = this.#options.source.launch(key);
      if (launch) launches.push(this.#row(launch));
      else gone.push(key);
    }
    return { state: this.state(), full: false, launches, gone };
  }

  one(key: string): LaunchNews {
    const launch = this.#options.source.launch(key);
    return { state: this.state(), launch: launch ? detailOf(launch) : null };
  }

  #row(launch: ChaincodeLaunch): LaunchRow {
    const known = this.#rows.get(launch);
    if (known) return known;
    const row = rowOf(launch);
    this.#rows.set(launch, row);
    return row;
  }
}
