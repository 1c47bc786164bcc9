import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeApi } from '../../../test/support/fakeApi.js';
import { ApiError, ConnectionError, isConflict, isNotFound } from './apiError.js';
import { KubeClient } from './kubeClient.js';
import { pods, type KubeObject } from './objects.js';
import { persist } from './persist.js';
import { Resource } from './resource.js';

let api: FakeApi;
let client: KubeClient;
beforeEach(async () => {
  api = await new FakeApi().start();
});
afterEach(async () => {
  client.close();
  await api.stop();
});

describe('requests to the API server', () => {
  it('read the token again and try once more after a 401', async () => {
    let current = 'old';
    client = new KubeClient({
      access: api.access(async (renew) => {
        if (renew) current = 'new';
        return `Bearer ${current}`;
      }),
    });
    api.answer = ({ authorization }, response) =>
      authorization === 'Bearer new' ? response.end('{"ok":true}') : response.writeHead(401).end('{}');
    expect(await client.json({ method: 'GET', path: '/x' })).toEqual({ ok: true });
    expect(api.requests.map(({ authorization }) => authorization)).toEqual(['Bearer old', 'Bearer new']);
  });

  it('fail with the server’s words when it goes on refusing', async () => {
    client = new KubeClient({ access: api.access() });
    api.answer = (_got, response) =>
      void response.writeHead(401).end('{"message":"Unauthorized","code":401}');
    const error = await client.json({ method: 'GET', path: '/x' }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ApiError);
    expect((error as ApiError).message).toBe('Unauthorized');
    expect(api.requests).toHaveLength(2);
  });

  it('tell errors apart, with the pause that the server asks for', async () => {
    client = new KubeClient({ access: api.access() });
    const answers: [number, object, Record<string, string>][] = [
      [404, { message: 'no', reason: 'NotFound' }, {}],
      [409, { message: 'no', reason: 'Conflict' }, {}],
      [429, { message: 'slow down' }, { 'retry-after': '2' }],
    ];
    api.answer = (_got, response) => {
      const [code, body, headers] = answers.shift()!;
      response.writeHead(code, headers).end(JSON.stringify(body));
    };
    const fails = (): Promise<unknown> => client.json({ method: 'GET', path: '/x' }).catch((e: unknown) => e);
    expect(isNotFound(await fails())).toBe(true);
    expect(isConflict(await fails())).toBe(true);
    expect(await fails()).toMatchObject({ code: 429, retryAfterMs: 2000 });
  });

  it('survive kept connections that the server has closed', async () => {
    client = new KubeClient({ access: api.access() });
    api.answer = (_got, response) => void response.end('{}');
    await client.json({ method: 'GET', path: '/x' });
    api.cut();
    expect(await client.json({ method: 'GET', path: '/x' })).toEqual({});
  });

  it('are given up after their time, and when the signal aborts', async () => {
    client = new KubeClient({ access: api.access() });
    api.answer = () => undefined;
    const late = client.json({ method: 'GET', path: '/x', timeoutMs: 50 });
    await expect(late).rejects.toBeInstanceOf(ConnectionError);
    const given = client.json({ method: 'GET', path: '/x', signal: AbortSignal.timeout(50) });
    await expect(given).rejects.toThrow(/timeout/);
  });

  it('list in pages', async () => {
    client = new KubeClient({ access: api.access() });
    api.answer = ({ query }, response) => {
      const second = query.get('continue') === 'more';
      const metadata = { resourceVersion: '7', ...(!second && { continue: 'more' }) };
      response.end(JSON.stringify({ metadata, items: [{ metadata: { name: second ? 'b' : 'a' } }] }));
    };
    const { items, resourceVersion } = await new Resource<KubeObject>(client, pods).list({ namespace: 'n' });
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
    expect(resourceVersion).toBe('7');
  });

  it('are repeated while the server is not well, and not when the answer is final', async () => {
    client = new KubeClient({ access: api.access() });
    let tries = 0;
    api.answer = (_got, response) => void response.writeHead((tries += 1) < 3 ? 503 : 200).end('{"ok":1}');
    const get = (): Promise<unknown> => client.json({ method: 'GET', path: '/x' });
    expect(await persist(get, AbortSignal.timeout(5000))).toEqual({ ok: 1 });
    expect(tries).toBe(3);
    api.answer = (_got, response) => void response.writeHead(422).end('{"message":"invalid"}');
    await expect(persist(get, AbortSignal.timeout(5000))).rejects.toThrow('invalid');
    api.answer = (_got, response) => void response.writeHead(503).end('{"message":"away"}');
    await expect(persist(get, AbortSignal.timeout(200))).rejects.toThrow('away');
  });
});
