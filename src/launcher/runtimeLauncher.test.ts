import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../test/support/silentLogger.js';
import { HandlerRegistry } from '../chaincode/handlerRegistry.js';
import { LauncherError } from '../errors.js';
import type { RuntimeStart } from './containerRuntime.js';
import { LaunchJournal } from './journal.js';
import { LaunchMetrics } from './metrics.js';
import { RuntimeLauncher } from './runtimeLauncher.js';
import type { Runtime, RuntimeLauncherOptions } from './runtimeLauncher.js';
import type { ChaincodeContainerInfo, ExitStatus } from './types.js';

const info: ChaincodeContainerInfo = {
  name: 'mycc',
  version: '1.0',
  path: 'p',
  type: 'NODE',
  containerType: 'DOCKER',
};

/** A runtime whose every move is the test's. */
class FakeRuntime implements Runtime {
  readonly registrations: boolean[] = [];
  async registration(_info: unknown, registered: boolean): Promise<void> {
    this.registrations.push(registered);
  }

  readonly calls: string[] = [];
  readonly starts: RuntimeStart[] = [];
  #exit!: (exit: ExitStatus) => void;
  exitError: Error | undefined;
  onStart: (start: RuntimeStart) => Promise<void> | void = () => undefined;
  onStop: () => Promise<void> = async () => undefined;

  async start(_info: ChaincodeContainerInfo, start: RuntimeStart): Promise<void> {
    this.calls.push('start');
    this.starts.push(start);
    await this.onStart(start);
  }

  async wait(): Promise<ExitStatus> {
    if (this.exitError) throw this.exitError;
    return new Promise((resolve) => (this.#exit = resolve));
  }

  async stop(): Promise<void> {
    this.calls.push('stop');
    await this.onStop();
  }

  exit(exitCode: number, ...lastLines: string[]): void {
    this.#exit({ exitCode, lastLines });
  }
}

function launcherWith(options: Partial<RuntimeLauncherOptions> = {}) {
  const runtime = new FakeRuntime();
  const registry = new HandlerRegistry();
  const metricsRegistry = new Registry();
  const metrics = new LaunchMetrics(metricsRegistry);
  const journal = new LaunchJournal({ onStep: metrics.onStep });
  const launcher = new RuntimeLauncher({
    runtime,
    registry,
    packages: { codePackage: async () => Buffer.from('code') },
    journal,
    metrics,
    logger: silentLogger(),
    startupTimeoutMs: 5_000,
    ...options,
  });
  const metric = async (name: string, labels: string): Promise<string | undefined> => {
    const text = await metricsRegistry.metrics();
    return text
      .split('\n')
      .find((line) => line.startsWith(`${name}${labels} `))
      ?.split(' ')
      .at(-1);
  };
  return { runtime, registry, journal, launcher, metric };
}

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('launching chaincode', () => {
  it('ends when it has registered, and gives the code package to the runtime', async () => {
    const { launcher, runtime, registry, journal, metric } = launcherWith();
    runtime.onStart = () => registry.ready('mycc:1.0');
    await launcher.launch(info);
    expect(Buffer.from(runtime.starts[0]!.codePackage).toString()).toBe('code');
    expect(runtime.calls).toEqual(['start']);
    expect(journal.get('mycc:1.0')?.phase).toBe('Running');
    expect(await metric('chaincode_launch_duration_count', '{chaincode="mycc:1.0",success="true"}')).toBe(
      '1',
    );
  });

  it('starts once for many callers, and a second one later does not start again', async () => {
    const { launcher, runtime, registry } = launcherWith();
    const callers = [launcher.launch(info), launcher.launch(info), launcher.launch(info)];
    await tick();
    registry.ready('mycc:1.0');
    await Promise.all([...callers, launcher.launch(info)]);
    expect(runtime.calls).toEqual(['start']);
  });

  it('fails for every caller when it exits before it registers, and the next call starts anew', async () => {
    const { launcher, runtime, registry, journal, metric } = launcherWith();
    const callers = [launcher.launch(info), launcher.launch(info)];
    const outcomes = Promise.allSettled(callers);
    await tick();
    runtime.exit(1, 'Error: no such module', '    at main.js');
    const [owner, waiter] = (await outcomes).map(
      (result) => (result as PromiseRejectedResult).reason as Error,
    );
    expect(owner?.message).toMatch(
      /^chaincode registration failed: container exited with 1\n {2}steps: started \d+ ms, failed before registered at \d+ ms\n {2}last output:\n {2}\| Error: no such module\n {2}\| {5}at main\.js$/,
    );
    expect(waiter?.message).toBe('chaincode registration failed: container exited with 1');
    expect(runtime.calls).toEqual(['start', 'stop']);
    expect(journal.get('mycc')).toMatchObject({ phase: 'Failed', exit: { code: 1 } });
    expect(await metric('chaincode_launch_failures', '{chaincode="mycc:1.0"}')).toBe('1');

    const again = launcher.launch(info);
    await tick();
    registry.ready('mycc:1.0');
    await again;
    expect(runtime.calls).toEqual(['start', 'stop', 'start']);
  });

  it('whose package is missing fails for every caller, and the next call starts anew', async () => {
    let installed = false;
    const { launcher, runtime, registry } = launcherWith({
      packages: {
        codePackage: async () => {
          if (!installed) throw new LauncherError('open /chaincodes/mycc.1.0: no such file or directory');
          return new Uint8Array();
        },
      },
    });
    const outcomes = await Promise.allSettled([launcher.launch(info), launcher.launch(info)]);
    const [owner, waiter] = outcomes.map((result) => (result as PromiseRejectedResult).reason as Error);
    const text = `failed to get chaincode package: code package not found for chaincode with name 'mycc', version '1.0'`;
    expect(owner?.message.split('\n')[0]).toBe(text);
    expect(waiter?.message).toBe(`chaincode registration failed: ${text}`);
    installed = true;
    runtime.onStart = () => registry.ready('mycc:1.0');
    await launcher.launch(info);
  });

  it('that cannot be started says so twice, as Fabric does, with what the build printed', async () => {
    const { launcher, runtime } = launcherWith();
    runtime.onStart = ({ progress }) => {
      progress.step('packageKept');
      progress.output('npm error code ENOTFOUND');
      throw new LauncherError(
        'error starting container: Failed to generate platform-specific docker build: 1',
      );
    };
    await expect(launcher.launch(info)).rejects.toThrow(
      /^error starting container: error starting container: Failed to generate platform-specific docker build: 1\n {2}steps: packageKept \d+ ms, failed before built at \d+ ms\n {2}last output:\n {2}\| npm error code ENOTFOUND$/,
    );
    expect(runtime.calls).toEqual(['start', 'stop']);
  });

  it('that does not register in time is stopped, and its start is told to give up', async () => {
    const { launcher, runtime, metric } = launcherWith({ startupTimeoutMs: 30 });
    await expect(launcher.launch(info)).rejects.toThrow(
      /^timeout expired while starting chaincode mycc:1\.0 for transaction\n/,
    );
    expect(runtime.starts[0]!.signal.aborted).toBe(true);
    expect(await metric('chaincode_launch_timeouts', '{chaincode="mycc:1.0"}')).toBe('1');
    expect(await metric('chaincode_launch_failures', '{chaincode="mycc:1.0"}')).toBeUndefined();
    expect(await metric('chaincode_launch_duration_count', '{chaincode="mycc:1.0",success="false"}')).toBe(
      '1',
    );
  });

  it('times out although its package never comes and stopping hangs; waiters are released at once', async () => {
    const { launcher, runtime, registry } = launcherWith({
      startupTimeoutMs: 30,
      stopTimeoutMs: 50,
      packages: { codePackage: () => new Promise(() => undefined) },
    });
    runtime.onStop = () => new Promise(() => undefined);
    const owner = launcher.launch(info);
    const waiter = launcher.launch(info);
    await expect(waiter).rejects.toThrow('timeout expired');
    await expect(owner).rejects.toThrow('timeout expired');
    expect(registry.launching('mycc:1.0').alreadyStarted).toBe(false);
  });

  it('whose end cannot be waited for fails', async () => {
    const { launcher, runtime } = launcherWith();
    runtime.exitError = new LauncherError('engine gone');
    await expect(launcher.launch(info)).rejects.toThrow(
      'chaincode registration failed: failed to wait on container exit: engine gone',
    );
  });

  it('that ends after it has registered changes nothing but the journal', async () => {
    const { launcher, runtime, registry, journal } = launcherWith();
    const launch = launcher.launch(info);
    await tick();
    registry.ready('mycc:1.0');
    await launch;
    await tick();
    runtime.exit(0);
    await tick();
    expect(journal.get('mycc:1.0')).toMatchObject({ phase: 'Stopped', exit: { code: 0 } });
    expect(runtime.calls).toEqual(['start']);
  });

  it('needs no package when it is system chaincode', async () => {
    const { launcher, runtime, registry } = launcherWith({
      packages: { codePackage: async () => Promise.reject(new Error('never asked')) },
    });
    runtime.onStart = () => registry.ready('mycc:1.0');
    await launcher.launch({ ...info, containerType: 'SYSTEM' });
    expect(runtime.starts[0]!.codePackage).toHaveLength(0);
  });

  it('counts each phase with its duration', async () => {
    const { launcher, runtime, registry, metric } = launcherWith();
    runtime.onStart = ({ progress }) => {
      progress.step('packageKept');
      progress.step('built');
      registry.ready('mycc:1.0');
    };
    await launcher.launch(info);
    for (const phase of ['package', 'build', 'start', 'register']) {
      const name = 'chaincode_launcher_launch_phase_duration_seconds';
      expect(await metric(name, `_count{phase="${phase}",success="true"}`)).toBe('1');
    }
  });
});
