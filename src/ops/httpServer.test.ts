import { afterEach, describe, expect, it } from 'vitest';
import type { FastifyInstance } from 'fastify';
import { HealthRegistry } from './health.js';
import { createOperationsServer, type OperationsServerOptions } from './httpServer.js';
import type { LaunchView } from './launchView.js';
import { LogRegistry } from './logRegistry.js';
import { countLogEntries, createMetricsRegistry } from './metricsRegistry.js';

let server: FastifyInstance | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function start(changes: Partial<OperationsServerOptions> = {}): Promise<FastifyInstance> {
  const logs = await LogRegistry.create({ destination: { write: () => undefined } });
  server = createOperationsServer({
    version: '1.4.12',
    commitSha: '89a1307',
    health: new HealthRegistry(),
    logs,
    ...changes,
  });
  return server;
}

const launch = {
  id: 1,
  chaincode: 'mycc',
  version: '1.0',
  phase: 'Running',
  startedAt: new Date('2026-01-02T03:04:05Z'),
  steps: { started: 12 },
};
const launches: LaunchView = {
  list: () => [launch],
  get: (name) => (name.startsWith('mycc') ? launch : undefined),
  lines: (name) => (name.startsWith('mycc') ? ['one', 'two'] : undefined),
  follow: (_name, onLine, signal) => {
    const timer = setInterval(() => onLine('more'), 5);
    signal.addEventListener('abort', () => clearInterval(timer));
    return true;
  },
};

describe('the operations endpoint', () => {
  it('says OK when no component complains', async () => {
    const answer = await (await start()).inject({ url: '/healthz' });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ status: 'OK', time: expect.stringMatching(/^\d{4}-.*Z$/) as string });
  });

  it('names the components that fail', async () => {
    const health = new HealthRegistry();
    health.register('docker', async () => Promise.reject(new Error('no answer')));
    health.register('ledger', async () => undefined);
    const answer = await (await start({ health })).inject({ url: '/healthz' });
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({
      status: 'Service Unavailable',
      failed_checks: [{ component: 'docker', reason: 'no answer' }],
    });
  });

  it('gives a check that does not end a timeout', async () => {
    const health = new HealthRegistry();
    health.register('slow', () => new Promise(() => undefined));
    const answer = await (await start({ health, healthTimeoutMs: 20 })).inject({ url: '/healthz' });
    expect(answer.statusCode).toBe(408);
  });

  it('refuses other methods with the text and status of each path', async () => {
    const app = await start();
    expect((await app.inject({ method: 'POST', url: '/healthz' })).statusCode).toBe(405);
    const version = await app.inject({ method: 'POST', url: '/version' });
    expect([version.statusCode, version.json()]).toEqual([400, { Error: 'invalid request method: POST' }]);
    const logspec = await app.inject({ method: 'DELETE', url: '/logspec' });
    expect([logspec.statusCode, logspec.json()]).toEqual([400, { error: 'invalid request method: DELETE' }]);
  });

  it('shows and changes the logging specification', async () => {
    const app = await start();
    expect((await app.inject({ url: '/logspec' })).json()).toEqual({ spec: 'info' });
    const put = await app.inject({
      method: 'PUT',
      url: '/logspec',
      payload: '{"spec":"msp=warn:gossip=warn"}',
    });
    expect(put.statusCode).toBe(204);
    expect((await app.inject({ url: '/logspec' })).json()).toEqual({ spec: 'gossip=warn:msp=warn:info' });
    const bad = await app.inject({ method: 'PUT', url: '/logspec', payload: '{"spec":"loud"}' });
    expect(bad.statusCode).toBe(400);
    expect(bad.json()).toEqual({ error: "invalid logging specification 'loud': bad segment 'loud'" });
    expect((await app.inject({ url: '/logspec' })).json()).toEqual({ spec: 'gossip=warn:msp=warn:info' });
  });

  it('answers with the request id of the caller, or one of its own', async () => {
    const app = await start();
    const given = await app.inject({ url: '/version', headers: { 'x-request-id': 'abc' } });
    expect(given.headers['x-request-id']).toBe('abc');
    expect(given.json()).toEqual({ CommitSHA: '89a1307', Version: '1.4.12' });
    expect((await app.inject({ url: '/version' })).headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('serves metrics only when there are any', async () => {
    expect((await (await start()).inject({ url: '/metrics' })).statusCode).toBe(404);
    await server?.close();
    const metrics = createMetricsRegistry('1.4.12');
    const logs = await LogRegistry.create({
      destination: { write: () => undefined },
      onEntry: countLogEntries(metrics),
    });
    logs.logger('endorser').warn('careful');
    const text = (await (await start({ metrics, logs })).inject({ url: '/metrics' })).body;
    expect(text).toContain('fabric_version{version="1.4.12"} 1');
    expect(text).toContain('logging_entries_written{level="warn"} 1');
  });

  it('shows launches and their output', async () => {
    const app = await start({ launches });
    expect((await app.inject({ url: '/launches' })).json()).toMatchObject({
      launches: [{ chaincode: 'mycc', startedAt: '2026-01-02T03:04:05.000Z' }],
    });
    expect((await app.inject({ url: '/launches/mycc:1.0' })).json()).toMatchObject({
      steps: { started: 12 },
    });
    expect((await app.inject({ url: '/launches/mycc/logs' })).body).toBe('one\ntwo\n');
    const missing = await app.inject({ url: '/launches/other' });
    expect([missing.statusCode, missing.json()]).toEqual([404, { error: 'no launch of other' }]);
  });

  it('follows the output of a launch until the client goes', async () => {
    const app = await start({ launches });
    const address = await app.listen({ host: '127.0.0.1', port: 0 });
    const client = new AbortController();
    const answer = await fetch(`${address}/launches/mycc/logs?follow=1`, { signal: client.signal });
    let text = '';
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
    while (!text.includes('more\nmore\n')) text += (await reader.read()).value ?? '';
    expect(text.startsWith('one\ntwo\nmore\n')).toBe(true);
    client.abort();
    await expect(reader.read()).rejects.toThrow();
  });
});
