import { spawnSync } from 'node:child_process';
import { runCommand, type CommandResult } from '../../support/command.js';

/** The cluster under test: `make e2e-k8s` sets KUBECONFIG and the images. */
export const kubeconfig = process.env['KUBECONFIG'] ?? '';
/** Address of this machine as Pods reach it. */
export const hostForPods = process.env['E2E_HOST'] ?? '10.244.0.1';
export const launcherImage = process.env['E2E_IMAGE'] ?? 'localhost/chaincode-launcher:1';
export const nodeImage = process.env['E2E_NODE_IMAGE'] ?? 'localhost/nodeenv:1';

/** Runs kubectl; a failure fails the test. Gives what was printed. */
export async function kubectl(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await tryKubectl(...args);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${code}: ${stderr}`);
  return stdout;
}

export function tryKubectl(...args: string[]): Promise<CommandResult> {
  return runCommand('kubectl', args);
}

export function apply(namespace: string, manifest: object | readonly object[]): void {
  const items = Array.isArray(manifest) ? (manifest as readonly object[]) : [manifest];
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  const { status, stderr } = spawnSync('kubectl', ['apply', '-n', namespace, '-f', '-'], {
    input,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`kubectl apply: ${stderr}`);
}

/** An object as kubectl prints it. */
export interface Shown {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
  };
  readonly spec: Loose;
  readonly status: Loose;
}

/** A part of an object of some kind, looked at by its test. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Loose = any;

/** One namespace of a test, which enforces the restricted Pod Security profile. */
export class Namespace {
  readonly name: string;

  constructor(name: string) {
    this.name = `${name}-${Math.random().toString(36).slice(2, 7)}`;
  }

  async create(): Promise<void> {
    await kubectl('create', 'namespace', this.name);
    await kubectl('label', 'namespace', this.name, 'pod-security.kubernetes.io/enforce=restricted');
    // Pods cannot be made before their service account is there.
    await this.until('the default service account is there', async () => {
      const { code } = await this.try('get', 'serviceaccount', 'default');
      return code === 0;
    });
  }

  /** Deletes the namespace with all that is in it. */
  async remove(): Promise<void> {
    await kubectl('delete', 'namespace', this.name, '--wait=true', '--timeout=90s', '--ignore-not-found');
  }

  kubectl(...args: string[]): Promise<string> {
    return kubectl('-n', this.name, ...args);
  }

  try(...args: string[]): Promise<CommandResult> {
    return tryKubectl('-n', this.name, ...args);
  }

  async list(kind: string, ...more: string[]): Promise<Shown[]> {
    return (JSON.parse(await this.kubectl('get', kind, '-o', 'json', ...more)) as { items: Shown[] }).items;
  }

  launches(): Promise<Shown[]> {
    return this.list('chaincodelaunches');
  }

  /** The launch of a chaincode of which there is one version. */
  async launchOf(chaincode: string): Promise<Shown> {
    const launch = (await this.launches()).find(({ spec }) => spec.chaincode.name === chaincode);
    if (!launch) throw new Error(`there is no launch of ${chaincode} in ${this.name}`);
    return launch;
  }

  /** The Pods of chaincode (not of builds, not of the operator). */
  async chaincodePods(name?: string): Promise<Shown[]> {
    const more = name === undefined ? '' : `,chaincode-launcher.dev/chaincode=${name}`;
    return this.list('pods', '-l', `chaincode-launcher.dev/role=chaincode${more}`);
  }

  /** Pods of chaincode that are not on their way out. */
  async standingPods(name?: string): Promise<Shown[]> {
    const pods = await this.chaincodePods(name);
    return pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  }

  async until(what: string, condition: () => Promise<boolean>, ms = 30_000): Promise<void> {
    const end = Date.now() + ms;
    for (;;) {
      if (await condition()) return;
      if (Date.now() > end) break;
      await new Promise((done) => setTimeout(done, 200));
    }
    const shown = await this.try('get', 'chaincodelaunches,pods,events', '-o', 'wide');
    throw new Error(`not within ${ms} ms: ${what}\n${shown.stdout}`);
  }
}
