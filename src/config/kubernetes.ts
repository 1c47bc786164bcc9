import { durationMs } from './duration.js';
import type { CompleteConfig } from './schema/core.js';

/** How one platform is built and run in Pods. Empty texts stand for what Fabric does. */
export interface PlatformConfig {
  /** Image that the chaincode runs in. */
  readonly runtime: string;
  /** Image that builds it. */
  readonly builder: string;
  /** Build command instead of Fabric's. */
  readonly buildCommand: string;
  /** Where the build output lies in the runtime image. */
  readonly mountPath: string;
  /** Start command for /bin/sh -c instead of Fabric's; `{address}` is where the peer is. */
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
  /** Ready images by `name:version` or `name`: nothing is built for these. */
  readonly images: Readonly<Record<string, string>>;
  /** Chaincodes (`name:version` or `name`) whose image has no /bin/sh. */
  readonly imagesWithoutShell: readonly string[];
  /** Environment of builds: proxies and registries. */
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
  /** Of the endorser's own Pods; empty = it runs elsewhere, or nobody has said. */
  readonly endorserPodLabels: Readonly<Record<string, string>>;
  /** The chaincode's output goes into the log and the launch's timeline; needs the right to read logs of Pods. */
  readonly attachStdout: boolean;
  /** So many Pods of each runtime image wait for a chaincode. */
  readonly prewarmed: number;
  /** A launch that has ended is kept so long for people to look at. */
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
