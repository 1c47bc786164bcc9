import { LauncherError, messageOf } from '../../errors.js';
import type { CCID, ExitStatus, VMProvider, VMStart } from '../../launcher/types.js';
import type { Logger } from '../../ops/log.js';
import { chaincodeLaunches, isOver, type ChaincodeLaunch } from '../api/chaincodeLaunch.js';
import { launchName, type PeerIdentity } from '../api/names.js';
import type { LaunchSpec } from '../api/schema.js';
import type { ArtifactDesk, Offer } from '../artifacts/artifactDesk.js';
import type { OutputStore } from '../artifacts/outputStore.js';
import type { KubeClient } from '../client/kubeClient.js';
import { resourcePath, type OwnerReference } from '../client/objects.js';
import type { Resource } from '../client/resource.js';
import { newAttempt, type Attempt } from './attempt.js';
import { ChaincodeLog } from './chaincodeLog.js';
import { planLaunch, type LaunchPlan, type LaunchSettings } from './launchPlan.js';
import { exitOf, failureOf } from './launchOutcome.js';
import { launchSpec, peerPart, type ArtifactAddress } from './launchSpec.js';
import type { LaunchWatch } from './launchWatch.js';
import { LaunchWriter } from './launchWriter.js';
import { PrewarmedPods, startScript } from './prewarmed.js';
import { NodeCommands } from './nodeCommand.js';

export interface KubernetesVMOptions {
  readonly client: KubeClient;
  readonly launches: Resource<ChaincodeLaunch>;
  readonly watch: LaunchWatch;
  readonly namespace: string;
  readonly peer: PeerIdentity;
  /** With whose end the launches go. */
  readonly owner?: OwnerReference;
  readonly settings: LaunchSettings;
  readonly desk: ArtifactDesk;
  readonly outputs: OutputStore;
  readonly artifacts: () => ArtifactAddress;
  /** host:port that chaincode dials. */
  readonly address: () => string;
  readonly logger: Logger;
  /** The operator is said to be missing when it does not take a launch up in time. @default 5 s */
  readonly operatorPatienceMs?: number;
  /** How long a stop waits for the operator. @default 15 s */
  readonly stopPatienceMs?: number;
  /** Present = output of chaincode is followed: the logger of one chaincode. */
  readonly chaincodeLogger?: (name: string) => Pick<Logger, 'info'>;
  /** Ends what was made for this provider alone. */
  readonly onClosed?: () => Promise<void>;
}

/** Of what nobody can give up. */
const unaborted = new AbortController().signal;

const restarted =
  'the endorser was restarted: its certificate authority is a new one, the chaincode cannot come back';

/** Runs chaincode as Pods: writes a ChaincodeLaunch, and follows what the operator makes of it. Never touches a Pod. */
export class KubernetesVMProvider implements VMProvider {
  readonly name = 'kubernetes';
  readonly #options: KubernetesVMOptions;
  readonly #attempts = new Map<string, Attempt>();
  /** Builds under way: who comes second waits for the first. */
  readonly #builds = new Map<string, Promise<unknown>>();
  readonly #writer: LaunchWriter;
  readonly #prewarmed: PrewarmedPods;
  readonly #nodeCommands: NodeCommands;
  #closed = false;

  constructor(options: KubernetesVMOptions) {
    this.#options = options;
    this.#writer = new LaunchWriter({ ...options, patienceMs: options.stopPatienceMs ?? 15_000 });
    this.#prewarmed = new PrewarmedPods({
      size: options.settings.prewarmed,
      desk: options.desk,
      create: (name, spec) => this.#createWarm(name, spec),
      isOver: (name) => {
        const seen = options.watch.get(name);
        return !seen || isOver(seen);
      },
      logger: options.logger,
    });
    this.#nodeCommands = new NodeCommands(options.logger);
  }

  /** Follows the launches of this endorser; those of an earlier process of it are ended: they cannot register any more. */
  async open(): Promise<void> {
    const left = await this.#options.watch.start();
    const running = left.filter(shallRun);
    await Promise.all(running.map(({ metadata }) => this.#writer.suspend(metadata.name, restarted)));
    if (running.length > 0) {
      this.#options.logger.info(`ended ${running.length} launches of an earlier process of this endorser`);
    }
  }

  async start(request: VMStart): Promise<void> {
    if (this.#closed) throw new LauncherError('the kubernetes provider was closed');
    const plan = await this.#plan(request);
    const key = keyOf(request.ccid);
    const before = this.#attempts.get(key);
    before?.abort.abort(new LauncherError('another launch has taken its place'));
    await before?.started;
    const name = launchName(this.#options.peer, request.ccid);
    const launch = (await this.#writer.lastLaunch(name, request.signal ?? unaborted)) + 1;
    const attempt = newAttempt(name, launch, request);
    this.#attempts.set(key, attempt);
    const signal = request.signal
      ? AbortSignal.any([request.signal, attempt.abort.signal])
      : attempt.abort.signal;
    const starting = this.#start(request, plan, attempt, signal).catch(async (error: unknown) => {
      if (this.#attempts.get(key) === attempt) this.#attempts.delete(key);
      // Who is told of the failure finds nothing that still runs.
      await this.#end(attempt, messageOf(error)).catch((failed: unknown) => this.#notStopped(name, failed));
      throw error;
    });
    attempt.started = starting.catch(() => undefined);
    await starting;
    request.progress.step('started');
  }

  async wait(ccid: CCID): Promise<ExitStatus> {
    const attempt = this.#attempts.get(keyOf(ccid));
    if (!attempt) throw new LauncherError(`no such launch: ${keyOf(ccid)}`);
    const look = (seen: ChaincodeLaunch | undefined): ExitStatus | undefined => exitOf(seen, attempt.launch);
    const exit = await this.#options.watch.until(attempt.name, look, unaborted);
    if (attempt.log) await attempt.log.complete(exit.lastLines);
    else for (const line of exit.lastLines) attempt.progress.output(line);
    return exit;
  }

  async stop(ccid: CCID): Promise<void> {
    const attempt = this.#attempts.get(keyOf(ccid));
    if (!attempt) return;
    this.#attempts.delete(keyOf(ccid));
    attempt.abort.abort(new LauncherError(`${keyOf(ccid)} was stopped while it was starting`));
    await attempt.started;
    await this.#end(attempt, 'stopped by the endorser');
  }

  /** The handler registry tells that the chaincode has registered, or that its stream has ended. */
  async registration(ccid: CCID, registered: boolean): Promise<void> {
    const attempt = this.#attempts.get(keyOf(ccid));
    if (!attempt || attempt.registered === registered) return;
    attempt.registered = registered;
    // It has all that it needs.
    if (registered) this.#options.desk.withdraw(attempt.name, attempt.launch);
    // Only the latest news is worth telling: a new attempt ends this.
    await this.#writer.registration(attempt.name, attempt.launch, registered, attempt.abort.signal);
  }

  async healthCheck(): Promise<void> {
    const { client, namespace, watch } = this.#options;
    if (watch.trouble !== undefined) {
      throw new LauncherError(`chaincodelaunches cannot be watched: ${messageOf(watch.trouble)}`, {
        cause: watch.trouble,
      });
    }
    await client.json({ method: 'GET', path: `${resourcePath(chaincodeLaunches, namespace)}?limit=1` });
  }

  /** Ends every launch of this process. */
  async close(): Promise<void> {
    this.#closed = true;
    const warm = this.#prewarmed.close();
    const all = [...this.#attempts.values()];
    this.#attempts.clear();
    for (const { abort } of all) abort.abort(new LauncherError('the kubernetes provider was closed'));
    await Promise.all([
      ...warm.map((name) => this.#endWithUs(name)),
      ...all.map(async (attempt) => {
        await attempt.started;
        if (this.#runs(attempt)) await this.#endWithUs(attempt.name);
      }),
    ]);
    await this.#options.watch.stop();
    await this.#options.onClosed?.();
  }

  /** The cluster has not been told yet that it shall end. */
  #runs({ name, launch }: Attempt): boolean {
    const seen = this.#options.watch.get(name);
    return seen?.spec.launch === launch && shallRun(seen);
  }

  /** Ends what runs of an attempt, and waits until the operator has seen it. */
  async #end(attempt: Attempt, why: string): Promise<void> {
    this.#options.desk.withdraw(attempt.name, attempt.launch);
    if (!this.#runs(attempt)) return;
    const reason = attempt.givenUp?.aborted ? messageOf(attempt.givenUp.reason) : why;
    await this.#writer.suspend(attempt.name, reason.split('\n', 1)[0] ?? '');
    // The end of the endorser waits for no operator.
    if (!this.#closed) await this.#untilOver(attempt);
  }

  /** Ends a launch with the endorser. Never rejects. */
  async #endWithUs(name: string): Promise<void> {
    await this.#writer
      .suspend(name, 'the endorser has ended')
      .catch((error: unknown) => this.#notStopped(name, error));
  }

  #notStopped(name: string, error: unknown): void {
    this.#options.logger.error({ launch: name, err: error }, `not stopped: ${messageOf(error)}`);
  }

  async #plan(request: VMStart): Promise<LaunchPlan> {
    const { settings } = this.#options;
    const plan = await planLaunch(request, settings);
    if (request.type !== 'NODE' || !plan.build || settings.platforms.NODE.command !== '') return plan;
    const { packageDigest, mountPath } = plan.build;
    const command = await this.#nodeCommands.commandFor(request, packageDigest, mountPath);
    return command ? { ...plan, command } : plan;
  }

  async #start(request: VMStart, plan: LaunchPlan, attempt: Attempt, signal: AbortSignal): Promise<void> {
    const { desk, settings, peer, artifacts, chaincodeLogger } = this.#options;
    const output = plan.build && (await this.#output(plan.build, signal));
    const offer = desk.offer(attempt.name, attempt.launch, {
      files: request.files,
      // Only a build wants it; it may have a hundred megabytes.
      codePackage: output === undefined ? request.codePackage : new Uint8Array(),
      packageDigest: plan.build?.packageDigest ?? '',
      ...(plan.build && { build: plan.build }),
      ...(output !== undefined && { output }),
    });
    request.progress.step('packageKept');
    const parts = { request, plan, launch: attempt.launch, output, settings, peer, artifacts: artifacts() };
    const adopt = plan.build && output === undefined ? undefined : this.#adopt(request, plan, attempt, offer);
    const spec = { ...launchSpec(parts), adopt };
    await this.#writer.apply(attempt.name, spec, signal);
    if (plan.build && output === undefined) {
      const build = this.#build(request, attempt, offer, spec, signal);
      const key = JSON.stringify(plan.build);
      this.#builds.set(key, build);
      await build.finally(() => this.#builds.delete(key));
    }
    request.progress.step('built');
    if (chaincodeLogger) {
      const output = chaincodeLogger(`peer.chaincode.${request.ccid.name}-${request.ccid.version}`);
      attempt.log = ChaincodeLog.follow({ ...this.#options, attempt, output });
    }
    await this.#untilStarted(request, attempt, signal);
    this.#prewarmed.replenish(plan, request.type);
  }

  /** Gives the chaincode to a prewarmed Pod, if one fits: it starts before the cluster knows of it. */
  #adopt(request: VMStart, plan: LaunchPlan, attempt: Attempt, offer: Offer): LaunchSpec['adopt'] {
    const pod = this.#prewarmed.take(plan);
    if (!pod) return undefined;
    this.#options.desk.withdraw(pod.launch, 1);
    offer.assignedTo = pod.uid;
    pod.give({
      launch: attempt.name,
      attempt: attempt.launch,
      tls: request.files.length > 0,
      digest: offer.output ?? '',
      start: startScript(request.env, plan.command),
    });
    return { launch: pod.launch, podUid: pod.uid };
  }

  /** Writes the ChaincodeLaunch of a prewarmed Pod; it goes when it ends. */
  async #createWarm(
    name: string,
    own: Pick<LaunchSpec, 'chaincode' | 'source' | 'command' | 'warm'>,
  ): Promise<void> {
    const { settings, peer, artifacts, address } = this.#options;
    await this.#writer.apply(
      name,
      {
        ...own,
        peer: peerPart(peer, address(), settings),
        source: { ...own.source, artifacts: artifacts() },
        tls: true,
        pod: settings.pod,
        timeouts: settings.timeouts,
        networkPolicy: settings.networkPolicy,
        launch: 1,
        suspended: false,
        ttlSecondsAfterFinished: 0,
      },
      unaborted,
    );
  }

  /** The output that is there, or comes from a build that another launch has begun. */
  async #output(build: NonNullable<LaunchPlan['build']>, signal: AbortSignal): Promise<string | undefined> {
    const running = this.#builds.get(JSON.stringify(build));
    // If it fails we build ourselves, and tell why that fails.
    if (running) await Promise.race([running.catch(() => undefined), aborted(signal)]);
    return this.#options.outputs.find(build);
  }

  async #build(
    request: VMStart,
    attempt: Attempt,
    offer: Offer,
    spec: LaunchSpec,
    signal: AbortSignal,
  ): Promise<void> {
    const over = new AbortController();
    const failed = this.#follow<never>(
      request,
      attempt,
      () => undefined,
      AbortSignal.any([signal, over.signal]),
    );
    try {
      const output = await Promise.race([offer.built, failed]);
      const withOutput = { ...spec, source: { ...spec.source, output } };
      await this.#writer.apply(attempt.name, withOutput, signal);
    } finally {
      failed.catch(() => undefined);
      over.abort(new LauncherError('built'));
    }
  }

  async #untilStarted(request: VMStart, attempt: Attempt, signal: AbortSignal): Promise<void> {
    await this.#follow(
      request,
      attempt,
      (seen) => (seen.status?.times?.started !== undefined ? true : undefined),
      signal,
    );
  }

  /** Follows this attempt until `look` is content; what the operator says on the way is kept for the failure's text. */
  async #follow<T>(
    request: VMStart,
    attempt: Attempt,
    look: (launch: ChaincodeLaunch) => T | undefined,
    signal: AbortSignal,
  ): Promise<T> {
    const { watch, namespace, operatorPatienceMs } = this.#options;
    const title = `chaincodelaunch ${namespace}/${attempt.name}`;
    const timer = setTimeout(() => {
      request.progress.output(`no operator has taken up ${title}: does one run for this namespace?`);
    }, operatorPatienceMs ?? 5_000);
    try {
      return await watch.until(
        attempt.name,
        (seen) => {
          if (!seen) throw new LauncherError(`${title} was deleted while it was starting`);
          const { status } = seen;
          if (status?.attempt !== attempt.launch) return undefined;
          clearTimeout(timer);
          const text = `${title} is ${status.phase ?? 'Pending'}: ${status.message ?? ''}`;
          if (text !== attempt.told && status.message) request.progress.output(text);
          attempt.told = text;
          if (status.phase === 'Failed' && !status.exit) {
            throw new LauncherError(failureOf(status));
          }
          return look(seen);
        },
        signal,
      );
    } finally {
      clearTimeout(timer);
    }
  }

  /** Until the operator has seen that it is over. Without an operator nobody ends the Pod; that is told and not waited for. */
  async #untilOver({ name, launch }: Attempt): Promise<void> {
    const { watch, stopPatienceMs, logger } = this.#options;
    const over = (seen: ChaincodeLaunch | undefined): true | undefined =>
      !seen || seen.spec.launch !== launch || isOver(seen) ? true : undefined;
    try {
      await watch.until(name, over, AbortSignal.timeout(stopPatienceMs ?? 15_000));
    } catch (error) {
      logger.warn({ launch: name, err: error }, 'no operator has ended the launch yet');
    }
  }
}

/** Its last attempt has not ended, and nobody has said that it shall. */
function shallRun(launch: ChaincodeLaunch): boolean {
  return !launch.spec.suspended && !isOver(launch);
}

function keyOf(ccid: CCID): string {
  return `${ccid.name}:${ccid.version}`;
}

async function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const onAbort = (): void =>
      reject(signal.reason instanceof Error ? signal.reason : new LauncherError('aborted'));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
