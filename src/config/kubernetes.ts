import { durationMs } from './duration.js';
import type { CompleteConfig } from './schema/core.js';

/** How one platform is built and run in Pods. Empty texts stand for what Fabric does. */
export interface PlatformConfig {
  readonly runtime: string;
  readonly builder: string;
  readonly buildCommand: string;
  readonly mountPath: string;
  readonly command: string;
}

/** vm.kubernetes with its defaults; times are in seconds, as the Kubernetes API has them. */
export interface KubernetesConfig {
  /** Empty = the Pod's service account, else KUBECONFIG, else ~/.kube/config. */
  readonly kubeconfig: string;
  readonly context: string;
  /** Empty = the Pod's own, or that of the context. */
  readonly namespace: string;
  /** Tells endorsers of the same names apart. */
  readonly instance: string;
  /** The object with which the launches go, as `apps/v1/statefulsets/‹name›`; empty = they stay. */
  readonly owner: string;
  readonly artifacts: { readonly listenAddress: string; readonly address: string };
  readonly platforms: Readonly<Record<'GOLANG' | 'CAR' | 'JAVA' | 'NODE', PlatformConfig>>;
  readonly images: Readonly<Record<string, string>>;
  readonly imagesWithoutShell: readonly string[];
  readonly buildEnv: Readonly<Record<string, string>>;
  /** Checked against the ChaincodeLaunch schema where it is used. */
  readonly pod: unknown;
  readonly pods: unknown;
  readonly timeouts: {
    readonly buildSeconds: number;
    readonly scheduleSeconds: number;
    readonly startSeconds: number;
    readonly registerSeconds: number;
    readonly imagePullGraceSeconds: number;
  };
  readonly networkPolicy: boolean;
  /** The chaincode's output goes into the log and the launch's timeline; needs the right to read logs of Pods. */
  readonly attachStdout: boolean;
  /** So many Pods of each runtime image wait for a chaincode. */
  readonly prewarmed: number;
  readonly keepFinishedSeconds: number;
}

/** Fabric's own keys (chaincode.builder, chaincode.node.runtime, …) hold for Pods too, unless vm.kubernetes says otherwise. */
export function compileKubernetes(
  kubernetes: CompleteConfig['vm']['kubernetes'],
  chaincode: CompleteConfig['chaincode'],
  at: (path: string) => string,
): KubernetesConfig {
  const { golang, car, java, node, timeouts, keepFinished, kubeconfig, ...rest } = kubernetes;
  const platform = (own: PlatformConfig, runtime: string, builder: string): PlatformConfig => ({
    ...own,
    runtime: own.runtime || runtime,
    builder: own.builder || builder,
  });
  return {
    ...rest,
    kubeconfig: kubeconfig === '' ? '' : at(kubeconfig),
    platforms: {
      GOLANG: platform(golang, chaincode.golang.runtime, chaincode.builder),
      CAR: platform(car, chaincode.car.runtime, chaincode.builder),
      JAVA: platform(java, chaincode.java.runtime, java.runtime || chaincode.java.runtime),
      NODE: platform(node, chaincode.node.runtime, chaincode.builder),
    },
    timeouts: {
      buildSeconds: seconds(timeouts.build),
      scheduleSeconds: seconds(timeouts.schedule),
      startSeconds: seconds(timeouts.start),
      registerSeconds: seconds(timeouts.register),
      imagePullGraceSeconds: Math.round(durationMs(timeouts.imagePullGrace) / 1000),
    },
    keepFinishedSeconds: Math.round(durationMs(keepFinished) / 1000),
  };
}

/** At least one: a phase without any time could never be passed. */
function seconds(text: string): number {
  return Math.max(1, Math.round(durationMs(text) / 1000));
}
