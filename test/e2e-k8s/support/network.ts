import { resolve } from 'node:path';
import { ChaincodeNetwork } from '../../support/chaincodeNetwork.js';
import { hostForPods, nodeImage, type Namespace } from './kubectl.js';

export const kvRaw = resolve(import.meta.dirname, '../../../samples/kv-raw');

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
          ...settings.kubernetes,
        },
        ...settings.vm,
      },
      chaincode: { builder: nodeImage, node: { runtime: nodeImage }, ...settings.chaincode },
    };
    super({ config, env: settings.env, args: ['--host', hostForPods] });
  }
}
