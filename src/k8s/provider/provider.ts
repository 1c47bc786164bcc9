import { LauncherError, messageOf } from '../../errors.js';
import type { CCID, ExitStatus, LaunchProgress, VMProvider, VMStart } from '../../launcher/types.js';
import type { Logger } from '../../ops/log.js';
import {
  annotations,
  chaincodeLaunches,
  endorserManager,
  labels,
  type ChaincodeLaunch,
} from '../api/chaincodeLaunch.js';
import { labelValue, launchName, peerHash, type PeerIdentity } from '../api/names.js';
import type { LaunchSpec, LaunchStatus } from '../api/schema.js';
import type { ArtifactDesk, Offer } from '../artifacts/artifactDesk.js';
import type { OutputStore } from '../artifacts/outputStore.js';
import { isNotFound } from '../client/apiError.js';
import type { KubeClient } from '../client/kubeClient.js';
import { resourcePath } from '../client/objects.js';
import { persist } from '../client/persist.js';
import type { Resource } from '../client/resource.js';
import { planLaunch, type LaunchPlan, type LaunchSettings } from './launchPlan.js';
import { launchSpec, type ArtifactAddress } from './launchSpec.js';
import type { LaunchWatch } from './launchWatch.js';
import { followPodLog } from './podLog.js';
import { NodeCommands } from './nodeCommand.js';

export interface KubernetesVMOptions {
  readonly client: KubeClient;
  readonly launches: Resource<ChaincodeLaunch>;
  readonly watch: LaunchWatch;
  readonly namespace: string;
  readonly peer: PeerIdentity;
  readonly settings: LaunchSettings;
  readonly desk: ArtifactDesk;
  readonly outputs: OutputStore;
  readonly artifacts: () => ArtifactAddress;
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

/** A launch of ours that has not been stopped. */
interface Attempt {
  readonly name: string;
  readonly launch: number;
  readonly abort: AbortController;
  /** Why the launcher gave it up. */
  readonly givenUp: AbortSignal | undefined;
  registered: boolean;
  readonly progress: LaunchProgress;
  /** What was told of its status last. */
  told: string;
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
  readonly #peer: string;
  readonly #nodeCommands: NodeCommands;
  #closed = false;

  constructor(options: KubernetesVMOptions) {
    this.#options = options;
    this.#peer = peerHash(options.peer);
    this.#nodeCommands = new NodeCommands(options.logger);
  }

  /** Follows the launches of this endorser; those of an earlier process of it are ended: they cannot register any more. */
  async open(): Promise<void> {
    const left = await this.#options.watch.start();
    const running = left.filter(({ spec, status }) => !spec.suspended && !isOver(status?.phase));
    await Promise.all(running.map(({ metadata }) => this.#suspend(metadata.name, restarted)));
    if (running.length > 0) {
      this.#options.logger.info(`ended ${running.length} launches of an earlier process of this endorser`);
    }
  }

  async start(request: VMStart): Promise<void> {
    if (this.#closed) throw new LauncherError('the kubernetes provider was closed');
    const plan = await this.#plan(request);
    const name = launchName(this.#options.peer, request.ccid);
    const launch = (await persist(() => this.#lastLaunch(name), request.signal ?? unaborted)) + 1;
    this.#attempts
      .get(keyOf(request.ccid))
      ?.abort.abort(new LauncherError('another launch has taken its place'));
    const attempt: Attempt = {
      name,
      launch,
      abort: new AbortController(),
      givenUp: request.signal,
      registered: false,
      progress: request.progress,
      told: '',
    };
    this.#attempts.set(keyOf(request.ccid), attempt);
    const signal = request.signal
      ? AbortSignal.any([request.signal, attempt.abort.signal])
      : attempt.abort.signal;
    await this.#start(request, plan, attempt, signal);
    request.progress.step('started');
  }

  async wait(ccid: CCID): Promise<ExitStatus> {
    const attempt = this.#attempts.get(keyOf(ccid));
    if (!attempt) throw new LauncherError(`no such launch: ${keyOf(ccid)}`);
    const { watch, chaincodeLogger } = this.#options;
    const look = (seen: ChaincodeLaunch | undefined): ExitStatus | undefined => exitOf(seen, attempt.launch);
    const exit = await watch.until(attempt.name, look, unaborted);
    // Where the output is followed these lines have come already.
    if (!chaincodeLogger) for (const line of exit.lastLines) attempt.progress.output(line);
    return exit;
  }

  async stop(ccid: CCID): Promise<void> {
    const attempt = this.#attempts.get(keyOf(ccid));
    if (!attempt) return;
    this.#attempts.delete(keyOf(ccid));
    const why = attempt.givenUp?.aborted ? messageOf(attempt.givenUp.reason).split('\n', 1)[0] : undefined;
    attempt.abort.abort(new LauncherError(`${keyOf(ccid)} was stopped while it was starting`));
    this.#options.desk.withdraw(attempt.name, attempt.launch);
    const seen = this.#options.watch.get(attempt.name);
    if (!seen || isOver(seen.status?.phase) || seen.spec.launch !== attempt.launch) return;
    await this.#suspend(attempt.name, why ?? 'stopped by the endorser');
    await this.#untilOver(attempt);
  }

  /** The handler registry tells that the chaincode has registered, or that its stream has ended. */
  async registration(ccid: CCID, registered: boolean): Promise<void> {
    const attempt = this.#attempts.get(keyOf(ccid));
    if (!attempt || attempt.registered === registered) return;
    attempt.registered = registered;
    const { launches, namespace, watch } = this.#options;
    const { name, launch } = attempt;
    try {
      const tell = (): Promise<ChaincodeLaunch> =>
        launches.apply(
          {
            metadata: { namespace, name },
            status: { registration: { launch, registered, time: new Date().toISOString() } },
          } as ApplyObject,
          endorserManager,
          'status',
        );
      // Only the latest news is worth telling.
      watch.remember(await persist(tell, attempt.abort.signal));
    } catch (error) {
      // Deleted meanwhile: there is nobody to tell.
      if (!isNotFound(error)) throw error;
    }
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
    const all = [...this.#attempts.values()];
    this.#attempts.clear();
    for (const { abort } of all) abort.abort(new LauncherError('the kubernetes provider was closed'));
    await Promise.all(
      all.map(async ({ name, launch }) => {
        const seen = this.#options.watch.get(name);
        if (!seen || isOver(seen.status?.phase) || seen.spec.launch !== launch) return;
        await this.#suspend(name, 'the endorser has ended').catch((error: unknown) =>
          this.#options.logger.error({ launch: name, err: error }, `not stopped: ${messageOf(error)}`),
        );
      }),
    );
    await this.#options.watch.stop();
    await this.#options.onClosed?.();
  }

  async #plan(request: VMStart): Promise<LaunchPlan> {
    const { settings } = this.#options;
    const plan = planLaunch(request, settings);
    if (request.type !== 'NODE' || !plan.build || settings.platforms.NODE.command !== '') return plan;
    const { packageDigest, mountPath } = plan.build;
    const command = await this.#nodeCommands.commandFor(request, packageDigest, mountPath);
    return command ? { ...plan, command } : plan;
  }

  async #start(request: VMStart, plan: LaunchPlan, attempt: Attempt, signal: AbortSignal): Promise<void> {
    const { desk } = this.#options;
    const output = plan.build && (await this.#output(plan.build, signal));
    const offer = desk.offer(attempt.name, attempt.launch, {
      files: request.files,
      codePackage: request.codePackage,
      packageDigest: plan.build?.packageDigest ?? '',
      ...(plan.build && { build: plan.build }),
      ...(output !== undefined && { output }),
    });
    request.progress.step('packageKept');
    const { settings, peer, artifacts } = this.#options;
    const spec = launchSpec({
      request,
      plan,
      launch: attempt.launch,
      output,
      settings,
      peer,
      artifacts: artifacts(),
    });
    await persist(() => this.#apply(request, attempt.name, spec), signal);
    if (plan.build && output === undefined) {
      const build = this.#build(request, attempt, offer, spec, signal);
      const key = JSON.stringify(plan.build);
      this.#builds.set(key, build);
      await build.finally(() => this.#builds.delete(key));
    }
    request.progress.step('built');
    if (this.#options.chaincodeLogger) this.#forwardLog(request, attempt, this.#options.chaincodeLogger);
    await this.#untilStarted(request, attempt, signal);
  }

  /** The chaincode's output into our log and the launch's timeline, until this attempt is over. */
  #forwardLog(
    request: VMStart,
    attempt: Attempt,
    chaincodeLogger: NonNullable<KubernetesVMOptions['chaincodeLogger']>,
  ): void {
    const { client, namespace, watch, logger } = this.#options;
    const { ccid, progress } = request;
    const { signal } = attempt.abort;
    const output = chaincodeLogger(`peer.chaincode.${ccid.name}-${ccid.version}`);
    const follow = async (): Promise<void> => {
      const podOf = (seen: ChaincodeLaunch | undefined): string | undefined =>
        seen?.status?.attempt === attempt.launch ? seen.status.pod?.name : undefined;
      const pod = await watch.until(attempt.name, podOf, signal);
      await followPodLog({
        client,
        namespace,
        pod,
        container: 'chaincode',
        onLine: (line) => {
          output.info(line);
          progress.output(line);
        },
        logger,
        signal,
      });
    };
    follow().catch((error: unknown) => {
      if (!signal.aborted) logger.warn({ launch: attempt.name, err: error }, `no log: ${messageOf(error)}`);
    });
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
      await persist(() => this.#apply(request, attempt.name, withOutput), signal);
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

  async #apply(request: VMStart, name: string, spec: LaunchSpec): Promise<void> {
    const { launches, namespace, watch, peer } = this.#options;
    const { ccid } = request;
    const written = await launches.apply(
      {
        metadata: {
          namespace,
          name,
          labels: {
            'app.kubernetes.io/managed-by': 'chaincode-launcher',
            [labels.peer]: this.#peer,
            [labels.chaincode]: labelValue(ccid.name),
            [labels.version]: labelValue(ccid.version),
          },
          annotations: {
            [annotations.chaincode]: ccid.name,
            [annotations.version]: ccid.version,
            [annotations.peerId]: peer.id,
            [annotations.mspId]: peer.mspId,
          },
        },
        spec,
      } as ApplyObject,
      endorserManager,
    );
    watch.remember(written);
  }

  async #lastLaunch(name: string): Promise<number> {
    const { launches, namespace, watch } = this.#options;
    const seen = watch.get(name);
    if (seen) return seen.spec.launch;
    try {
      return (await launches.get(namespace, name)).spec.launch;
    } catch (error) {
      if (isNotFound(error)) return 0;
      throw error;
    }
  }

  async #suspend(name: string, reason: string): Promise<void> {
    const { launches, namespace, watch } = this.#options;
    try {
      const patch = { spec: { suspended: true, suspendReason: reason.slice(0, 1000) } };
      const patience = AbortSignal.timeout(this.#options.stopPatienceMs ?? 15_000);
      watch.remember(await persist(() => launches.merge(namespace, name, patch), patience));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** Until the operator has seen that it is over. Without an operator nobody ends the Pod; that is told and not waited for. */
  async #untilOver({ name, launch }: Attempt): Promise<void> {
    const { watch, stopPatienceMs, logger } = this.#options;
    const over = (seen: ChaincodeLaunch | undefined): true | undefined =>
      !seen || seen.spec.launch !== launch || isOver(seen.status?.phase) ? true : undefined;
    try {
      await watch.until(name, over, AbortSignal.timeout(stopPatienceMs ?? 15_000));
    } catch (error) {
      logger.warn({ launch: name, err: error }, 'no operator has ended the launch yet');
    }
  }
}

/** What is applied; the rest of the object is not ours. */
interface ApplyObject {
  readonly metadata: { readonly name: string; readonly namespace: string };
}

function keyOf(ccid: CCID): string {
  return `${ccid.name}:${ccid.version}`;
}

function isOver(phase: string | undefined): boolean {
  return phase === 'Failed' || phase === 'Stopped';
}

/** Why it did not start. A failed build speaks Fabric's words, which nothing may stand in front of. */
function failureOf({ reason = 'Failed', message = '' }: LaunchStatus): string {
  return reason === 'BuildFailed' ? message : `${reason}: ${message}`;
}

/** How this attempt ended; undefined while it has not. */
function exitOf(seen: ChaincodeLaunch | undefined, launch: number): ExitStatus | undefined {
  if (!seen) return { exitCode: -1, lastLines: ['the ChaincodeLaunch was deleted'] };
  if (seen.spec.launch > launch) return { exitCode: -1, lastLines: ['another launch has taken its place'] };
  const { status } = seen;
  if (status?.attempt !== launch || !isOver(status.phase)) return undefined;
  const { exit, reason = '', message = '' } = status;
  const why = `${reason}: ${message}`;
  if (!exit) return { exitCode: -1, lastLines: [why] };
  const { code, signal, lastLines = [] } = exit;
  return {
    exitCode: code,
    signal,
    lastLines: reason === 'ContainerExited' ? lastLines : [...lastLines, why],
  };
}

async function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const onAbort = (): void =>
      reject(signal.reason instanceof Error ? signal.reason : new LauncherError('aborted'));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
