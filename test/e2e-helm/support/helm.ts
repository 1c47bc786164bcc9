import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { messageOf } from '../../../src/errors.js';
import { runCommand, type CommandResult } from '../../support/command.js';
import { launcherImage, nodeImage, type Namespace } from '../../e2e-k8s/support/kubectl.js';

export const chart = resolve(import.meta.dirname, '../../../deploy/helm/chaincode-launcher');

const [repository, tag] = launcherImage.split(/:(?=[^:/]+$)/);

/** What a cluster without a registry needs: our images. */
export const localValues = {
  image: { repository, tag },
  chaincode: { node: { image: nodeImage } },
};

export type Values = Readonly<Record<string, unknown>>;

/** `helm template` with values: the manifests, or why there are none. */
export async function template(values: Values, ...more: string[]): Promise<CommandResult> {
  return withValues(values, (file) => runCommand('helm', ['template', 'ccl', chart, '-f', file, ...more]));
}

/** One release of the chart in a namespace of a test. */
export class Release {
  readonly name: string;
  readonly namespace: Namespace;
  readonly #base: Values;

  constructor(name: string, namespace: Namespace, base: Values = localValues) {
    this.name = name;
    this.namespace = namespace;
    this.#base = base;
  }

  install(values: Values = {}): Promise<string> {
    return this.#apply('install', values);
  }

  upgrade(values: Values): Promise<string> {
    return this.#apply('upgrade', values);
  }

  /** Any other command of helm on this release. */
  async helm(command: string, ...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await runCommand('helm', [
      command,
      this.name,
      '-n',
      this.namespace.name,
      ...args,
    ]);
    if (code !== 0) throw new Error(`helm ${command} ended with ${code}: ${stderr}\n${stdout}`);
    return stdout;
  }

  async uninstall(): Promise<void> {
    await this.helm('uninstall', '--wait', '--timeout', '90s');
  }

  /** The CLI in the endorser's container, as the trial's administrator. */
  cli(...args: string[]): Promise<string> {
    return this.namespace.kubectl('exec', `${this.name}-endorser-0`, '--', 'chaincode-launcher', ...args);
  }

  invoke(name: string, ...args: string[]): Promise<string> {
    const ctor = JSON.stringify({ Args: args });
    return this.cli('chaincode', 'invoke', '-C', 'mychannel', '-n', name, '-c', ctor, '--waitForEvent');
  }

  query(name: string, ...args: string[]): Promise<string> {
    return this.cli(
      'chaincode',
      'query',
      '-C',
      'mychannel',
      '-n',
      name,
      '-c',
      JSON.stringify({ Args: args }),
    );
  }

  async #apply(command: string, values: Values): Promise<string> {
    try {
      return await withValues(merged(this.#base, values), (file) =>
        this.helm(command, chart, '-f', file, '--wait', '--timeout', '120s'),
      );
    } catch (error) {
      const pods = await this.namespace.try('get', 'pods,events', '-o', 'wide');
      const logs = await this.namespace.try(
        ...['logs', '-l', `app.kubernetes.io/instance=${this.name}`, '--tail=20', '--prefix'],
      );
      throw new Error(`${messageOf(error)}\n${pods.stdout}\n${logs.stdout}`, { cause: error });
    }
  }
}

async function withValues<T>(values: Values, work: (file: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'values-'));
  try {
    const file = join(folder, 'values.yaml');
    writeFileSync(file, stringify(values));
    return await work(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function merged(base: Values, over: Values): Values {
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = result[key];
    result[key] = isMap(below) && isMap(value) ? merged(below, value) : value;
  }
  return result;
}

function isMap(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
