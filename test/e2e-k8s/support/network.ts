import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { DevNetwork, type CommandResult } from '../../support/devNetwork.js';
import { hostForPods, nodeImage, type Namespace } from './kubectl.js';

export const kvRaw = resolve(import.meta.dirname, '../../../samples/kv-raw');

/** Builds in Pods take their dependencies from the image's own cache: Pods reach no registry. */
export const offlineBuild = {
  buildCommand: [
    'cp -R /npm-cache /tmp/npm',
    'cp -R /chaincode/input/src/. /chaincode/output',
    'cd /chaincode/output',
    '{ [ -d node_modules ] || npm install --omit=dev --no-audit --no-fund; }',
  ].join(' && '),
  buildEnv: {
    npm_config_cache: '/tmp/npm',
    npm_config_offline: 'true',
    npm_config_registry: spawnSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).stdout.trim(),
  },
};

export interface K8sSettings {
  /** Merged over vm.kubernetes. */
  readonly kubernetes?: Readonly<Record<string, unknown>>;
  readonly chaincode?: Readonly<Record<string, unknown>>;
  readonly vm?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** A development network outside the cluster whose chaincode runs in Pods of a namespace. */
export class K8sNetwork extends DevNetwork {
  readonly #folder: string;

  constructor(namespace: Namespace, settings: K8sSettings = {}) {
    const folder = mkdtempSync(join(tmpdir(), 'e2e-k8s-'));
    const config = {
      vm: {
        provider: 'kubernetes',
        kubernetes: {
          namespace: namespace.name,
          node: { buildCommand: offlineBuild.buildCommand },
          buildEnv: offlineBuild.buildEnv,
          ...settings.kubernetes,
        },
        ...settings.vm,
      },
      chaincode: { builder: nodeImage, node: { runtime: nodeImage }, ...settings.chaincode },
    };
    writeFileSync(join(folder, 'core.yaml'), stringify(config));
    super(settings.env, ['--host', hostForPods, '--config', join(folder, 'core.yaml')]);
    this.#folder = folder;
  }

  /** A Node.js chaincode without dependencies whose program is `code`; gives its folder. */
  makePackage(name: string, code: string, more: Readonly<Record<string, Buffer | string>> = {}): string {
    const path = join(this.#folder, name);
    mkdirSync(join(path, 'node_modules', 'none'), { recursive: true });
    writeFileSync(join(path, 'node_modules', 'none', 'package.json'), '{}');
    writeFileSync(
      join(path, 'package.json'),
      JSON.stringify({ name: 'made', version: '1.0.0', scripts: { start: 'node main.js' } }),
    );
    writeFileSync(join(path, 'main.js'), code);
    for (const [file, content] of Object.entries(more)) writeFileSync(join(path, file), content);
    return path;
  }

  async install(name: string, path: string, version = '1.0', type = 'node'): Promise<void> {
    await this.ok('chaincode', 'install', '-l', type, '-n', name, '-v', version, '-p', path);
  }

  instantiate(name: string, args: readonly string[] = ['init'], version = '1.0'): Promise<CommandResult> {
    const ctor = JSON.stringify({ Args: args });
    return this.cli(
      ...[
        'chaincode',
        'instantiate',
        '-C',
        'mychannel',
        '-n',
        name,
        '-v',
        version,
        '-c',
        ctor,
        '--waitForEvent',
      ],
    );
  }

  async upgrade(name: string, version: string, args: readonly string[]): Promise<void> {
    const ctor = JSON.stringify({ Args: args });
    await this.ok(
      ...['chaincode', 'upgrade', '-C', 'mychannel', '-n', name, '-v', version, '-c', ctor, '--waitForEvent'],
    );
  }

  async invoke(name: string, ...args: string[]): Promise<string> {
    const ctor = JSON.stringify({ Args: args });
    return this.ok('chaincode', 'invoke', '-C', 'mychannel', '-n', name, '-c', ctor, '--waitForEvent');
  }

  override async remove(): Promise<void> {
    await super.remove();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
