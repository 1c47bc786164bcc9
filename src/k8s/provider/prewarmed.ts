import { createHash, randomBytes } from 'node:crypto';
import { messageOf } from '../../errors.js';
import type { ChaincodeType } from '../../launcher/types.js';
import type { Logger } from '../../ops/log.js';
import type { LaunchSpec } from '../api/schema.js';
import type { ArtifactDesk, WaitingPod } from '../artifacts/artifactDesk.js';
import type { LaunchPlan } from './launchPlan.js';

export interface PrewarmedOptions {
  /** So many Pods of each image. */
  readonly size: number;
  readonly desk: ArtifactDesk;
  /** Writes the ChaincodeLaunch of a prewarmed Pod. */
  readonly create: (
    name: string,
    spec: Pick<LaunchSpec, 'chaincode' | 'source' | 'command' | 'warm'>,
  ) => Promise<void>;
  /** The launch has ended, or was deleted. */
  readonly isOver: (name: string) => boolean;
  readonly logger: Logger;
}

/** The first script of a prewarmed Pod's chaincode container, written by its fetcher. */
const startFile = '/chaincode-launcher/run/start';

/** Pods that run already and wait for a chaincode: a launch from here costs no scheduling and no container start. */
export class PrewarmedPods {
  readonly #options: PrewarmedOptions;
  /** Names of the prewarmed launches that nobody has taken, by what they fit. */
  readonly #names = new Map<string, Set<string>>();

  constructor(options: PrewarmedOptions) {
    this.#options = options;
  }

  /** A Pod that fits and listens, for this launch alone. */
  take(plan: LaunchPlan): WaitingPod | undefined {
    const names = this.#names.get(keyOf(plan));
    const pod = names && this.#options.desk.takeWaiting(names);
    if (pod) names.delete(pod.launch);
    return pod;
  }

  /** Makes what is missing of the Pods for launches like this one. */
  replenish(plan: LaunchPlan, type: ChaincodeType): void {
    if (!plan.shell) return;
    const names = this.#names.get(keyOf(plan)) ?? new Set();
    this.#names.set(keyOf(plan), names);
    for (const name of names) if (this.#options.isOver(name)) names.delete(name);
    while (names.size < this.#options.size) {
      const name = `warm-${hash(keyOf(plan))}-${randomBytes(4).toString('hex')}`;
      names.add(name);
      this.#make(name, plan, type).catch((error: unknown) => {
        names.delete(name);
        this.#options.logger.warn({ launch: name, err: error }, `no prewarmed Pod: ${messageOf(error)}`);
      });
    }
  }

  /** All that wait; nothing is made any more. */
  close(): string[] {
    const names = [...this.#names.values()].flatMap((each) => [...each]);
    this.#names.clear();
    return names;
  }

  async #make(name: string, plan: LaunchPlan, type: ChaincodeType): Promise<void> {
    const { desk, create } = this.#options;
    desk.offer(name, 1, { files: [], codePackage: new Uint8Array(), packageDigest: '' });
    await create(name, {
      chaincode: { name: 'prewarmed', version: plan.image, type },
      source: { image: plan.image, shell: true, mountPath: plan.build?.mountPath },
      command: ['/bin/sh', startFile],
      warm: true,
    });
  }
}

/** The shell script by which a prewarmed container becomes the chaincode's. */
export function startScript(env: Readonly<Record<string, string>>, command: readonly string[]): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
  const variables = Object.entries(env).map(([name, value]) => `export ${name}=${quoted(value)}\n`);
  return `${variables.join('')}exec ${command.map(quoted).join(' ')}\n`;
}

/** Launches with the same key fit the same Pods. */
function keyOf({ image, build, pod }: LaunchPlan): string {
  return JSON.stringify([image, build?.mountPath, pod]);
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
