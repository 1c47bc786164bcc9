import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeApi } from '../../../test/support/fakeApi.js';
import { silentLogger } from '../../../test/support/silentLogger.js';
import { Informer } from './informer.js';
import { KubeClient } from './kubeClient.js';
import { pods, type KubeObject } from './objects.js';
import { Resource } from './resource.js';

const object = (name: string, resourceVersion: string, uid = name): KubeObject => ({
  metadata: { name, namespace: 'fabric', uid, resourceVersion },
});
const event = (type: string, what: object): string => `${JSON.stringify({ type, object: what })}\n`;

let api: FakeApi;
let client: KubeClient;
let informer: Informer<KubeObject>;
let seen: string[];
let reconnects: string[];
/** What is listed; what a watch does, by its number. */
let items: KubeObject[];
let watches: ((response: ServerResponse, from: string) => void)[];

beforeEach(async () => {
  api = await new FakeApi().start();
  seen = [];
  reconnects = [];
  items = [object('a', '5')];
  watches = [];
  let watching = 0;
  api.answer = ({ query }, response) => {
    if (query.get('watch') !== 'true') {
      response.end(JSON.stringify({ metadata: { resourceVersion: '10' }, items }));
      return;
    }
    response.writeHead(200);
    response.flushHeaders();
    watches[watching++]?.(response, query.get('resourceVersion') ?? '');
  };
  client = new KubeClient({ access: api.access() });
  informer = new Informer({
    client,
    resource: new Resource<KubeObject>(client, pods),
    selection: { namespace: 'fabric' },
    logger: silentLogger(),
    idleMs: 300,
    backoffMs: 20,
    onChange: (key, now, before) => seen.push(`${now ? (before ? 'changed' : 'added') : 'gone'} ${key}`),
    onReconnect: (reason) => reconnects.push(reason),
  });
});
afterEach(async () => {
  await informer.stop();
  client.close();
  await api.stop();
});

async function eventually(check: () => void): Promise<void> {
  for (const end = Date.now() + 5000; ;) {
    try {
      check();
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((done) => setTimeout(done, 10));
    }
  }
}

/** The watch that tells that b came, after whatever has happened before. */
const tellsB = (response: ServerResponse): void => void response.write(event('ADDED', object('b', '20')));

describe('the store', () => {
  it('has the list, then what the watch tells, from where the list ended', async () => {
    let from = '';
    watches = [
      (response, version) => {
        from = version;
        response.write(event('ADDED', object('b', '11')));
        response.write(event('MODIFIED', object('a', '12')));
        response.write(event('DELETED', object('b', '13')));
      },
    ];
    informer.start();
    await informer.synced;
    await eventually(() =>
      expect(seen).toEqual(['added fabric/a', 'added fabric/b', 'changed fabric/a', 'gone fabric/b']),
    );
    expect(from).toBe('10');
    expect([...informer.list()].map(({ metadata }) => metadata.resourceVersion)).toEqual(['12']);
    const watch = api.requests.find(({ query }) => query.get('watch'));
    expect(watch?.query.get('allowWatchBookmarks')).toBe('true');
    expect(Number(watch?.query.get('timeoutSeconds'))).toBeGreaterThanOrEqual(300);
  });

  it('goes on from the last bookmark when a watch is closed, without a new list', async () => {
    let from = '';
    watches = [
      (response) => {
        response.write(event('BOOKMARK', { metadata: { resourceVersion: '17' } }));
        response.end();
      },
      (response, version) => {
        from = version;
        tellsB(response);
      },
    ];
    informer.start();
    await eventually(() => expect(seen).toEqual(['added fabric/a', 'added fabric/b']));
    expect(from).toBe('17');
    expect(api.requests.filter(({ query }) => !query.get('watch'))).toHaveLength(1);
  });

  it.each<[string, (response: ServerResponse) => void, string]>([
    ['falls silent with its connection open', () => undefined, 'idle'],
    ['is reset', (response) => void response.destroy(), 'error'],
    ['ends cleanly and empty', (response) => void response.end(), 'closed'],
    ['tells nonsense', (response) => void response.write('not json\n'), 'error'],
    [
      'tells an error',
      (response) => void response.write(event('ERROR', { code: 500, message: 'etcd' })),
      'error',
    ],
  ])('starts over when a watch %s', async (_what, first, reason) => {
    watches = [first, tellsB];
    informer.start();
    await eventually(() => expect(seen).toEqual(['added fabric/a', 'added fabric/b']));
    expect(reconnects).toContain(reason);
  });

  it('lists again after 410 Gone, and tells what was deleted meanwhile', async () => {
    watches = [
      (response) => {
        items = [object('c', '30')];
        response.write(event('ERROR', { code: 410, reason: 'Expired', message: 'too old' }));
      },
      () => undefined,
    ];
    informer.start();
    await eventually(() => expect(seen).toEqual(['added fabric/a', 'added fabric/c', 'gone fabric/a']));
    expect(reconnects).toContain('expired');
  });

  it('comes back after the API server was away, and tells nothing twice', async () => {
    watches = [() => undefined, tellsB];
    informer.start();
    await informer.synced;
    api.cut();
    await eventually(() => expect(seen).toEqual(['added fabric/a', 'added fabric/b']));
  });

  it('says why it does not follow, until it does', async () => {
    const good = api.answer;
    api.answer = (_got, response) =>
      void response.writeHead(403).end(JSON.stringify({ message: 'pods is forbidden', reason: 'Forbidden' }));
    informer.start();
    await eventually(() => expect(String(informer.lastError)).toContain('pods is forbidden'));
    expect(informer.hasSynced).toBe(false);
    api.answer = good;
    await informer.synced;
    expect(informer.lastError).toBeUndefined();
  });

  it('does not take back what was deleted, however late the answer comes', async () => {
    watches = [(response) => void response.write(event('DELETED', object('a', '15')))];
    informer.start();
    await eventually(() => expect(seen).toEqual(['added fabric/a', 'gone fabric/a']));
    informer.remember(object('a', '14'));
    expect(informer.get('fabric/a')).toBeUndefined();
    informer.remember(object('a', '16', 'another-uid'));
    expect(informer.get('fabric/a')).toBeDefined();
  });

  it('takes in what the caller knows, but not over something newer', async () => {
    watches = [(response) => void response.write(event('MODIFIED', object('a', '15')))];
    informer.start();
    await eventually(() => expect(seen).toEqual(['added fabric/a', 'changed fabric/a']));
    informer.remember(object('a', '14'));
    expect(informer.get('fabric/a')?.metadata.resourceVersion).toBe('15');
    informer.remember(object('a', '16'));
    expect(informer.get('fabric/a')?.metadata.resourceVersion).toBe('16');
  });
});
