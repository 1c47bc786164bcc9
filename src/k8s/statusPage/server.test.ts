import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { aLaunch, failedStatus, readyStatus } from '../../../test/support/launches.js';
import type { ChaincodeLaunch } from '../api/chaincodeLaunch.js';
import { keyOf } from '../client/objects.js';
import { readAssets } from './assets.js';
import { createStatusPage, type StatusPageOptions } from './server.js';
import type { LaunchSource, SourceState } from './source.js';
import type { LaunchesNews, LaunchNews } from './viewTypes.js';

/** A cache that the test fills. */
class Launches implements LaunchSource {
  readonly #launches = new Map<string, ChaincodeLaunch>();
  readonly listeners = new Set<(key: string) => void>();
  now: SourceState = { leads: true, synced: true, trouble: undefined };

  put(launch: ChaincodeLaunch): void {
    this.#launches.set(keyOf(launch), launch);
    this.listeners.forEach((listener) => listener(keyOf(launch)));
  }
  remove(key: string): void {
    this.#launches.delete(key);
    this.listeners.forEach((listener) => listener(key));
  }
  launches(): Iterable<ChaincodeLaunch> {
    return this.#launches.values();
  }
  launch(key: string): ChaincodeLaunch | undefined {
    return this.#launches.get(key);
  }
  onChange(listener: (key: string) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
  state(): SourceState {
    return this.now;
  }
}

interface Event {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: unknown;
}

/** Reads a stream event by event. */
class StreamReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #text = '';

  constructor(response: Response) {
    this.#reader = response.body!.getReader();
  }

  /** The next event that is no beat. */
  async news(): Promise<{ id: string; data: unknown }> {
    for (;;) {
      const event = await this.next();
      if (event === undefined) throw new Error('the stream has ended');
      if (event.event !== 'beat') return { id: event.id ?? '', data: event.data };
    }
  }

  async launches(): Promise<{ id: string; data: LaunchesNews }> {
    const { id, data } = await this.news();
    return { id, data: data as LaunchesNews };
  }

  async launch(): Promise<LaunchNews['launch']> {
    return ((await this.news()).data as LaunchNews).launch;
  }

  /** Undefined at the end. */
  async next(): Promise<Event | undefined> {
    for (;;) {
      const cut = this.#text.indexOf('\n\n');
      if (cut >= 0) {
        const block = this.#text.slice(0, cut);
        this.#text = this.#text.slice(cut + 2);
        const field = (name: string): string | undefined =>
          new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
        return { event: field('event') ?? '', id: field('id'), data: JSON.parse(field('data') ?? '') };
      }
      const { done, value } = await this.#reader.read().catch(() => ({ done: true, value: undefined }));
      if (done) return undefined;
      this.#text += this.#decoder.decode(value, { stream: true });
    }
  }

  async close(): Promise<void> {
    await this.#reader.cancel();
  }
}

describe('the status page', () => {
  let server: FastifyInstance;
  const source = (): Launches => {
    const launches = new Launches();
    launches.put(aLaunch({ name: 'good', status: readyStatus }));
    launches.put(aLaunch({ name: 'bad', status: failedStatus }));
    return launches;
  };
  const page = async (launches = source(), options: Partial<StatusPageOptions> = {}): Promise<Launches> => {
    server = createStatusPage({
      source: launches,
      assets: new Map([['x.js', { type: 'text/javascript', body: Buffer.from('1'), etag: '"1"' }]]),
      replica: 'operator-0',
      namespace: 'fabric',
      gatherMs: 10,
      ...options,
    });
    return launches;
  };
  const listen = async (): Promise<string> => server.listen({ host: '127.0.0.1', port: 0 });
  const stream = async (query = ''): Promise<StreamReader> => {
    const { port } = server.server.address() as AddressInfo;
    return new StreamReader(await fetch(`http://127.0.0.1:${port}/api/stream${query}`));
  };

  afterEach(() => server.close());

  it('serves a shell whose links lead to the root from both pages', async () => {
    await page();
    const table = await server.inject('/');
    expect(table.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(table.body).toContain('src="./assets/main.js"');
    const launch = await server.inject('/launches/fabric/good');
    expect(launch.statusCode).toBe(200);
    expect(launch.body).toContain('src="../../assets/main.js"');
    expect((await server.inject('/launches/fabric/none')).statusCode).toBe(404);
  });

  it.each(['/', '/launches/fabric/good', '/assets/x.js', '/api/launches', '/nowhere'])(
    'answers %s with headers that let nothing else in',
    async (url) => {
      await page();
      const { headers } = await server.inject(url);
      expect(headers['content-security-policy']).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      );
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'same-origin',
      });
    },
  );

  it('has no script, style or handler in its markup', async () => {
    await page();
    const { body } = await server.inject('/');
    expect(body).not.toMatch(/<style|<script(?! type="module" src=)| style=| on\w+=/);
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'] as const)('answers %s with 405', async (method) => {
    await page();
    for (const url of ['/', '/api/launches', '/api/stream', '/nowhere']) {
      const { statusCode, headers } = await server.inject({ method, url });
      expect([url, statusCode, headers.allow]).toEqual([url, 405, 'GET, HEAD']);
    }
  });

  it('answers HEAD', async () => {
    await page();
    const { statusCode, body } = await server.inject({ method: 'HEAD', url: '/api/launches' });
    expect([statusCode, body]).toEqual([200, '']);
  });

  it('refuses what pages of other sites ask for, but not links from there', async () => {
    await page();
    const from = (mode: string) => ({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': mode });
    expect((await server.inject({ url: '/api/launches', headers: from('no-cors') })).statusCode).toBe(403);
    expect((await server.inject({ url: '/', headers: from('navigate') })).statusCode).toBe(200);
  });

  it('sends its files again only when they have changed', async () => {
    await page();
    const { headers } = await server.inject('/assets/x.js');
    expect(headers).toMatchObject({ 'cache-control': 'no-cache', etag: '"1"' });
    const again = await server.inject({ url: '/assets/x.js', headers: { 'if-none-match': '"1"' } });
    expect(again.statusCode).toBe(304);
  });

  it('gives launches and the state of its operator as JSON', async () => {
    await page();
    const all = (await server.inject('/api/launches')).json<LaunchesNews>();
    expect(all.launches.map(({ key, phase }) => [key, phase])).toEqual([
      ['fabric/good', 'Ready'],
      ['fabric/bad', 'Failed'],
    ]);
    expect(all.state).toMatchObject({
      replica: 'operator-0',
      leads: true,
      synced: true,
      namespace: 'fabric',
    });
    const one = (await server.inject('/api/launches/fabric/bad')).json<LaunchNews>();
    expect(one.launch).toMatchObject({ row: { reason: 'ContainerExited' }, exit: { code: 1 } });
  });

  it('answers 404 with no launch for one that is not there', async () => {
    await page();
    const answer = await server.inject('/api/launches/fabric/none');
    expect([answer.statusCode, answer.json<LaunchNews>().launch]).toEqual([404, null]);
  });

  it('takes names as long as Kubernetes has them', async () => {
    const launches = await page();
    const name = 'n'.repeat(253);
    launches.put(aLaunch({ name }));
    expect((await server.inject(`/api/launches/fabric/${name}`)).statusCode).toBe(200);
  });

  it('says what is wrong with its own news, without credentials', async () => {
    const launches = source();
    launches.now = { leads: false, synced: false, trouble: new Error('GET https://me:pw@10.0.0.1: refused') };
    await page(launches);
    expect((await server.inject('/api/launches')).json<LaunchesNews>().state).toMatchObject({
      leads: false,
      synced: false,
      trouble: 'GET https://***@10.0.0.1: refused',
    });
  });

  it('streams all launches first, and then what changes', async () => {
    const launches = await page();
    await listen();
    const reader = await stream();
    const first = (await reader.launches()).data;
    expect([first.full, first.launches.length]).toEqual([true, 2]);
    launches.put(aLaunch({ name: 'new' }));
    launches.remove('fabric/bad');
    const { data } = await reader.launches();
    expect([data.full, data.launches.map(({ key }) => key), data.gone]).toEqual([
      false,
      ['fabric/new'],
      ['fabric/bad'],
    ]);
  });

  it('goes on where a reader was when it comes back', async () => {
    const launches = await page();
    await listen();
    const reader = await stream();
    const { id } = await reader.launches();
    await reader.close();
    launches.remove('fabric/good');
    const { data } = await (await stream(`?after=${id}`)).launches();
    expect([data.full, data.launches, data.gone]).toEqual([false, [], ['fabric/good']]);
    const unknown = await (await stream('?after=00000000.1')).launches();
    expect(unknown.data.full).toBe(true);
  });

  it('streams one launch alone to its page', async () => {
    const launches = await page();
    await listen();
    const reader = await stream('?launch=fabric/bad');
    expect((await reader.launch())?.row.name).toBe('bad');
    launches.put(aLaunch({ name: 'other' }));
    await sleep(50);
    launches.remove('fabric/bad');
    expect(await reader.launch()).toBeNull();
  });

  it('beats, so that a reader knows that it lives', async () => {
    await page(source(), { beatMs: 20 });
    await listen();
    const reader = await stream();
    const events: string[] = [];
    while (events.length < 4) events.push((await reader.next())!.event);
    expect(events).toEqual(['beat', 'launches', 'beat', 'beat']);
  });

  it('opens so many streams and no more, until one closes', async () => {
    await page(source(), { maxStreams: 2 });
    const address = await listen();
    const reader = await stream();
    await stream();
    const refused = await fetch(`${address}/api/stream`);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '10']);
    await reader.close();
    await expect.poll(async () => (await fetch(`${address}/api/stream`)).status).toBe(200);
  });

  it('lets go of its readers and of its source when it is closed', async () => {
    const launches = await page();
    await listen();
    const reader = await stream();
    await reader.news();
    expect(launches.listeners.size).toBe(1);
    await server.close();
    expect(await reader.next()).toBeUndefined();
    expect(launches.listeners.size).toBe(0);
  });
});

describe('the files of the page', () => {
  it('are those that browsers load, and no others', async () => {
    const assets = await readAssets();
    expect([...assets.keys()].filter((name) => !/^[a-zA-Z]+\.(js|css|svg)$/.test(name))).toEqual([]);
    expect(assets.get('page.css')).toMatchObject({ type: 'text/css; charset=utf-8' });
    expect(assets.get('page.css')?.etag).toMatch(/^"[\w-]{22}"$/);
  });
});
