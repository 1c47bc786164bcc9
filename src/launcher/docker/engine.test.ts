import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createSocketServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../test/support/silentLogger.js';
import { buildContext } from './archives.js';
import { Engine } from './engine.js';
import { EngineApiError, EngineConnectionError } from './errors.js';
import { removeContainer } from './removeContainer.js';

const never = new AbortController().signal;
let dir: string;
let server: Server;
let engine: Engine;
let answer: Parameters<typeof createServer>[1];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'engine-'));
  server = createServer((request, response) => answer?.(request, response));
  await new Promise<void>((done) => server.listen(join(dir, 'sock'), done));
  engine = new Engine({ endpoint: `unix://${join(dir, 'sock')}` });
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  rmSync(dir, { recursive: true, force: true });
});

describe('a request to the engine', () => {
  it('whose answer is cut short fails at once, and says what was lost', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
      response.write('{"Status', () => setTimeout(() => response.destroy(), 20));
    };
    const waiting = engine.wait('cc');
    await expect(waiting).rejects.toThrow(EngineConnectionError);
    await expect(engine.wait('cc')).rejects.toThrow(
      `lost the connection to Docker endpoint unix://${dir}/sock: the answer was cut short`,
    );
  });

  it('that takes long is waited for', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
      setTimeout(() => response.end('{"StatusCode":7}'), 300);
    };
    expect(await engine.wait('cc')).toBe(7);
  });

  it('that is refused has the engine’s words in one line, and the status', async () => {
    answer = (_request, response) => {
      response.writeHead(500, { 'content-type': 'application/json' }).end('{"message":"no space\\nleft"}\n');
    };
    const starting = engine.start('cc', never);
    await expect(starting).rejects.toThrow(/^API error \(500\): no space left$/);
    await expect(starting).rejects.toBeInstanceOf(EngineApiError);
  });

  it('that is given up fails with the reason', async () => {
    answer = () => undefined;
    const abort = new AbortController();
    const starting = engine.start('cc', abort.signal);
    setTimeout(() => abort.abort(new Error('the launch took too long')), 50);
    await expect(starting).rejects.toThrow('the launch took too long');
  });

  it('to nobody says where nobody is', async () => {
    const missing = new Engine({ endpoint: `unix://${dir}/none` });
    await expect(missing.ping(1000)).rejects.toThrow(
      `cannot connect to Docker endpoint unix://${dir}/none: connect ENOENT ${dir}/none`,
    );
  });

  it('to somebody who never answers ends in time', async () => {
    const silent = createSocketServer(() => undefined);
    await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
    const endpoint = `tcp://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    await expect(new Engine({ endpoint }).ping(100)).rejects.toThrow(
      `no answer from Docker endpoint ${endpoint} in 0.1 s`,
    );
    silent.close();
  });

  it('to remove a container is not followed by more when the engine has not answered in time', async () => {
    const asked: string[] = [];
    answer = (request) => asked.push(`${request.method} ${request.url}`);
    const hanging = new Engine({ endpoint: `unix://${dir}/sock`, patienceMs: 100 });
    await expect(removeContainer(hanging, 'cc', silentLogger())).rejects.toThrow(
      `no answer from Docker endpoint unix://${dir}/sock in 0.1 s`,
    );
    expect(asked).toEqual(['POST /containers/cc/stop?t=0']);
  });

  it('does not follow DOCKER_HOST', async () => {
    process.env['DOCKER_HOST'] = 'tcp://127.0.0.1:1';
    answer = (_request, response) => response.end('OK');
    await engine.ping(1000);
    delete process.env['DOCKER_HOST'];
  });

  it('to build an image from a file that has gone fails instead of waiting', async () => {
    answer = (request) => request.resume();
    const context = buildContext('FROM x', { path: join(dir, 'none'), size: 3 });
    await expect(engine.build(context, {}, () => undefined, never)).rejects.toThrow(/ENOENT.*none/);
  });

  it('to build an image whose engine goes away fails', async () => {
    answer = (request, response) => {
      request.resume();
      response.write('{"stream":"Step 1"}\n', () => setTimeout(() => response.destroy(), 20));
    };
    const lines: string[] = [];
    const building = engine.build(Readable.from([Buffer.from('x')]), {}, (line) => lines.push(line), never);
    await expect(building).rejects.toThrow(`lost the connection to Docker endpoint unix://${dir}/sock: `);
    expect(lines).toEqual(['Step 1']);
  });
});
