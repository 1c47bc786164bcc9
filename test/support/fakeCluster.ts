import type { ServerResponse } from 'node:http';
import { stringify } from 'yaml';
import type { ChaincodeLaunch } from '../../src/k8s/api/chaincodeLaunch.js';
import { FakeApi, type Got } from './fakeApi.js';

type Listed = Record<string, unknown>;

/** An API server that knows launches and what an operator asks for beside them. */
export class FakeCluster {
  readonly #api = new FakeApi();
  readonly #launches = new Map<string, ChaincodeLaunch>();
  readonly #watches = new Set<ServerResponse>();
  #version = 100;
  /** Answers everything with 500. */
  broken = false;

  async start(): Promise<this> {
    await this.#api.start();
    this.#api.answer = (got, response) => this.#answer(got, response);
    return this;
  }

  stop(): Promise<void> {
    return this.#api.stop();
  }

  /** Ends what is open, as a restart would. */
  cut(): void {
    this.#api.cut();
  }

  /** A kubeconfig for it. */
  get kubeconfig(): string {
    const { server, tls } = this.#api.access();
    const ca = Buffer.from(String(tls.ca)).toString('base64');
    return stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'fake',
      clusters: [{ name: 'fake', cluster: { server, 'certificate-authority-data': ca } }],
      users: [{ name: 'fake', user: { token: 't' } }],
      contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'fake', namespace: 'fabric' } }],
    });
  }

  put(...launches: ChaincodeLaunch[]): void {
    for (const launch of launches) {
      const known = this.#launches.has(launch.metadata.name);
      this.#tell(known ? 'MODIFIED' : 'ADDED', this.#keep(launch));
    }
  }

  remove(name: string): void {
    const launch = this.#launches.get(name);
    if (!launch) throw new Error(`no launch ${name}`);
    this.#launches.delete(name);
    this.#tell('DELETED', launch);
  }

  clear(): void {
    for (const name of [...this.#launches.keys()]) this.remove(name);
  }

  #keep(launch: ChaincodeLaunch): ChaincodeLaunch {
    this.#version += 1;
    const metadata = { ...launch.metadata, resourceVersion: String(this.#version) };
    const kept = { ...launch, metadata };
    this.#launches.set(metadata.name, kept);
    return kept;
  }

  #tell(type: string, object: ChaincodeLaunch): void {
    for (const watch of this.#watches) watch.write(`${JSON.stringify({ type, object })}\n`);
  }

  #answer(got: Got, response: ServerResponse): void {
    if (this.broken)
      return reply(response, 500, { kind: 'Status', message: 'the fake API server is broken' });
    const { method, path, query } = got;
    const launch = /\/chaincodelaunches\/([^/]+)\/status$/.exec(path)?.[1];
    if (method === 'PATCH' && launch !== undefined) return this.#status(launch, got, response);
    if (method === 'POST' && path.endsWith('/pods')) return reply(response, 201, withUid(got));
    if (path.includes('/leases')) return this.#lease(got, response);
    if (method !== 'GET') return reply(response, 404, { kind: 'Status', message: 'not found' });
    const isLaunches = path.endsWith('/chaincodelaunches');
    if (query.get('watch') === 'true') return this.#watch(isLaunches, response);
    const items = isLaunches ? [...this.#launches.values()] : [];
    return reply(response, 200, { metadata: { resourceVersion: String(this.#version) }, items });
  }

  /** The writer learns it from the answer, before any watch tells it: here no watch ever does. */
  #status(name: string, { body }: Got, response: ServerResponse): void {
    const launch = this.#launches.get(name);
    if (!launch) return reply(response, 404, { kind: 'Status', message: 'not found' });
    const { status } = JSON.parse(body) as Pick<ChaincodeLaunch, 'status'>;
    return reply(response, 200, this.#keep({ ...launch, ...(status && { status }) }));
  }

  /** Another operator holds the usual lease, so that ours stays a standby; leases of other names are free. */
  #lease({ method, path, body }: Got, response: ServerResponse): void {
    if (method !== 'GET') return reply(response, 200, JSON.parse(body) as Listed);
    if (!path.endsWith('/chaincode-launcher'))
      return reply(response, 404, { kind: 'Status', message: 'not found' });
    const spec = {
      holderIdentity: 'another-operator',
      leaseDurationSeconds: 15,
      renewTime: new Date().toISOString(),
    };
    return reply(response, 200, { metadata: { name: 'chaincode-launcher', namespace: 'fabric' }, spec });
  }

  #watch(launches: boolean, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    if (!launches) return;
    this.#watches.add(response);
    response.on('close', () => this.#watches.delete(response));
  }
}

function withUid({ body }: Got): Listed {
  const object = JSON.parse(body) as { metadata: Listed };
  return { ...object, metadata: { ...object.metadata, uid: 'pod-uid', resourceVersion: '1' } };
}

function reply(response: ServerResponse, code: number, body: Listed | object): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
