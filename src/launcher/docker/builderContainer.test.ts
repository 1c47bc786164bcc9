import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../test/support/silentLogger.js';
import { runBuilder } from './builderContainer.js';
import { Engine } from './engine.js';
import { LaterRemoval } from './laterRemoval.js';
import { Leftovers } from './leftovers.js';

interface Labelled {
  readonly Id: string;
  readonly Labels: Record<string, string>;
}

const peer = 'net-peer0';
let dir: string;
let server: Server;
let engine: Engine;
let later: LaterRemoval;
let leftovers: Leftovers;
/** The containers that the engine has. */
let there: Labelled[];
let calls: string[];
/** Does something else than the engine would; true = it has answered. */
let instead: (call: string, response: ServerResponse) => boolean | Promise<boolean>;

/** As much of an engine as a build needs; every build ends with code 0. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '', 'http://engine');
  const body = await buffer(request);
  const call = `${request.method} ${url.pathname}`;
  calls.push(call);
  const json = (status: number, value: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };
  if (call === 'POST /containers/create') {
    const { Labels } = JSON.parse(body.toString()) as Labelled;
    there.push({ Id: `c${calls.length}`, Labels });
  }
  if (await instead(call, response)) return;
  if (call === 'POST /containers/create') json(201, { Id: there.at(-1)!.Id });
  else if (call === 'GET /containers/json') {
    const { label } = JSON.parse(url.searchParams.get('filters')!) as { label: [string] };
    const [key = '', value] = label[0].split('=');
    json(
      200,
      there.filter(({ Labels }) => Labels[key] === value),
    );
  } else if (request.method === 'DELETE') {
    const id = url.pathname.split('/').at(-1);
    there = there.filter(({ Id }) => Id !== id);
    response.writeHead(204).end();
  } else if (call.endsWith('/wait')) json(200, { StatusCode: 0 });
  else json(200, {});
}

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'builder-'));
  there = [];
  calls = [];
  instead = () => false;
  server = createServer((request, response) => void answer(request, response));
  server.on('upgrade', (_request, socket) => {
    socket.end('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
  });
  await new Promise<void>((done) => server.listen(join(dir, 'sock'), done));
  engine = new Engine({ endpoint: `unix://${join(dir, 'sock')}` });
  later = new LaterRemoval(engine, silentLogger());
  leftovers = new Leftovers(engine, peer, later, silentLogger());
});

afterEach(async () => {
  await later.close();
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  rmSync(dir, { recursive: true, force: true });
});

function build(signal = new AbortController().signal): Promise<number> {
  return runBuilder(engine, leftovers, {
    image: 'builder',
    command: 'make',
    codePackage: Buffer.from('package'),
    hostConfig: { NetworkMode: 'host' },
    outputFile: join(dir, 'output.tar'),
    onLine: () => undefined,
    signal,
  });
}

const ofPeer = (name: string, build = 'another'): Record<string, string> => ({
  'chaincode-launcher.builder-of': name,
  'chaincode-launcher.build': build,
});

describe('a builder container', () => {
  it('is gone when its build is over', async () => {
    await build();
    expect(calls).toContain('POST /containers/create');
    expect(there).toEqual([]);
  });

  it('that the engine makes while its build is given up is removed', async () => {
    const abort = new AbortController();
    instead = async (call) => {
      if (call !== 'POST /containers/create') return false;
      abort.abort(new Error('the launch took too long'));
      // The answer comes when nobody wants the container any more.
      await new Promise((done) => setTimeout(done, 100));
      return false;
    };
    await expect(build(abort.signal)).rejects.toThrow('the launch took too long');
    expect(calls.at(-1)).toMatch(/^DELETE /);
    expect(there).toEqual([]);
  });

  it('that a killed endorser of this name has left is removed before the first build, and no other', async () => {
    there = [
      { Id: 'left', Labels: ofPeer(peer) },
      { Id: 'others', Labels: ofPeer('net-peer1') },
    ];
    await build();
    await build();
    expect(there.map(({ Id }) => Id)).toEqual(['others']);
    expect(calls.filter((call) => call === 'GET /containers/json')).toHaveLength(1);
  });

  it('that could not be removed is removed when the engine is back', async () => {
    let away = true;
    instead = (call, response) => {
      if (!away || !call.startsWith('DELETE')) return false;
      response.destroy();
      return true;
    };
    await build();
    expect(there).toHaveLength(1);
    away = false;
    for (const end = Date.now() + 5_000; there.length > 0 && Date.now() < end;) {
      await new Promise((done) => setTimeout(done, 50));
    }
    expect(there).toEqual([]);
  });

  it('that could not be removed is tried to be removed once more at the end', async () => {
    instead = (call, response) => {
      if (calls.filter((each) => each.startsWith('DELETE')).length > 1) return false;
      if (call.startsWith('DELETE')) response.destroy();
      return call.startsWith('DELETE');
    };
    await build();
    expect(there).toHaveLength(1);
    await later.close();
    expect(there).toEqual([]);
  });

  it('whose creation lost its answer is removed before the next build, or at the end', async () => {
    let lost = true;
    instead = (call, response) => {
      if (!lost || call !== 'POST /containers/create') return false;
      response.destroy();
      return true;
    };
    await expect(build()).rejects.toThrow('Error creating container: lost the connection');
    expect(there).toHaveLength(1);
    lost = false;
    await build();
    expect(there).toEqual([]);
    lost = true;
    await expect(build()).rejects.toThrow('Error creating container: lost the connection');
    await leftovers.close();
    expect(there).toEqual([]);
  });

  it('of a build that runs is let alone by another build', async () => {
    await build();
    // Something was lost, so the next build looks for it.
    const lost = leftovers.begin();
    await leftovers.end(lost, undefined, true);
    const running = leftovers.begin();
    there = [{ Id: 'running', Labels: running.labels }];
    await build();
    expect(there.map(({ Id }) => Id)).toEqual(['running']);
  });

  it('can be built in although the engine does not list containers', async () => {
    instead = (call, response) => {
      if (call !== 'GET /containers/json') return false;
      response.writeHead(500, { 'content-type': 'application/json' }).end('{"message":"broken"}');
      return true;
    };
    await build();
    expect(there).toEqual([]);
  });
});
