import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { ChaincodeNetwork } from '../../support/chaincodeNetwork.js';
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
export class K8sNetwork extends ChaincodeNetwork {
  constructor(namespace: Namespace, settings: K8sSettings = {}) {
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
    super({ config, env: settings.env, args: ['--host', hostForPods] });
  }
}
