import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LaunchDetail, LaunchNews, LaunchesNews } from '../../src/k8s/statusPage/viewTypes.js';
import { Namespace } from './support/kubectl.js';
import { K8sNetwork, kvRaw } from './support/network.js';
import { OperatorProcess } from './support/operator.js';

/** Follows a stream: the phases of each chaincode in the order in which its readers were told them. */
class Follower {
  readonly phases = new Map<string, string[]>();
  readonly #stop = new AbortController();
  done: Promise<void> = Promise.resolve();

  async start(url: string): Promise<void> {
    const { body } = await fetch(`${url}/api/stream`, { signal: this.#stop.signal });
    this.done = this.#read(body!).catch((error: unknown) => {
      if (!this.#stop.signal.aborted) throw error;
    });
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        if (block.startsWith('event: launches')) this.#take(/^data: (.*)$/m.exec(block)?.[1] ?? '');
      }
    }
  }

  #take(data: string): void {
    for (const { chaincode, phase } of (JSON.parse(data) as LaunchesNews).launches) {
      const seen = this.phases.get(chaincode) ?? [];
      if (seen.at(-1) !== phase) seen.push(phase);
      this.phases.set(chaincode, seen);
    }
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.done;
  }
}

describe('the status page of an operator on a real cluster', () => {
  const namespace = new Namespace('page');
  const operator = new OperatorProcess(namespace.name, ['--status-page', '127.0.0.1:0']);
  const standby = new OperatorProcess(namespace.name, ['--status-page', '127.0.0.1:0']);
  const network = new K8sNetwork(namespace);
  const follower = new Follower();

  const urlOf = (process: OperatorProcess): string =>
    /status page at (http:\/\/127\.0\.0\.1:\d+)\//.exec(process.log)?.[1] ?? '';
  const get = async (process: OperatorProcess, path: string): Promise<unknown> =>
    (await fetch(`${urlOf(process)}${path}`)).json();
  const detail = async (process: OperatorProcess, name: string): Promise<LaunchDetail> => {
    const { launch } = (await get(process, `/api/launches/${namespace.name}/${name}`)) as LaunchNews;
    return launch!;
  };

  beforeAll(async () => {
    await namespace.create();
    await operator.start();
    await standby.start('status page at');
    await namespace.until('the page is served', async () => urlOf(operator) !== '');
    await follower.start(urlOf(standby));
    await network.start();
  }, 120_000);

  afterAll(async () => {
    await follower.stop();
    await network.remove();
    await standby.stop();
    await operator.stop();
    await namespace.remove();
  }, 120_000);

  it('tells of a launch from its begin to Ready, on the leader and on a standby', async () => {
    await network.install('kv', kvRaw);
    expect((await network.instantiate('kv', ['init', 'a', '1'])).code).toBe(0);
    const { metadata } = await namespace.launchOf('kv');
    for (const process of [operator, standby]) {
      await namespace.until(
        'it is told',
        async () => (await detail(process, metadata.name)).row.phase === 'Ready',
      );
      const { row, bars } = await detail(process, metadata.name);
      const { status } = await namespace.launchOf('kv');
      expect(row).toMatchObject({ pod: status.pod.name, ready: true, registered: status.times.registered });
      expect(bars.map(({ phase }) => phase)).toEqual([
        'Building',
        'Pending',
        'Scheduling',
        'Starting',
        'Registering',
        'Ready',
      ]);
      // The endorser may tell of the registration before the operator has seen the start.
      const { begun, started, registered } = status.times;
      const took = Math.max(Date.parse(started), Date.parse(registered)) - Date.parse(begun);
      expect(bars.at(-1)).toEqual({ phase: 'Ready', from: took, state: 'running' });
    }
    expect(((await get(standby, '/api/launches')) as LaunchesNews).state.leads).toBe(false);
    expect(((await get(operator, '/api/launches')) as LaunchesNews).state.leads).toBe(true);
    await expect.poll(() => follower.phases.get('kv')?.at(-1)).toBe('Ready');
    expect(follower.phases.get('kv')).toContain('Building');
  }, 120_000);

  it('shows why a launch failed, with the last lines of its output', async () => {
    const code = `console.log('no way'); process.exit(7)`;
    await network.install('broken', network.makePackage('broken', code));
    expect((await network.instantiate('broken')).code).toBe(1);
    const { metadata } = await namespace.launchOf('broken');
    await namespace.until(
      'it is told',
      async () => (await detail(operator, metadata.name)).row.phase === 'Failed',
    );
    const { row, exit, bars } = await detail(operator, metadata.name);
    expect(row).toMatchObject({ reason: 'ContainerExited', message: 'container exited with 7' });
    expect(exit).toMatchObject({ code: 7 });
    expect(exit?.lastLines).toContain('no way');
    expect(bars.at(-1)?.state).toBe('failed');
  }, 120_000);

  it('forgets a launch that was deleted', async () => {
    const { metadata } = await namespace.launchOf('broken');
    await namespace.kubectl('delete', 'chaincodelaunch', metadata.name);
    await namespace.until('it is gone', async () => {
      const answer = await fetch(`${urlOf(operator)}/launches/${namespace.name}/${metadata.name}`);
      return answer.status === 404;
    });
  }, 60_000);
});
