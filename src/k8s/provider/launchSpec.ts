import type { VMStart } from '../../launcher/types.js';
import type { PeerIdentity } from '../api/names.js';
import type { LaunchSpec } from '../api/schema.js';
import type { LaunchPlan, LaunchSettings } from './launchPlan.js';

/** Where Pods find this endorser's artifact endpoint. */
export interface ArtifactAddress {
  readonly url: string;
  readonly caBundle: string;
  readonly audience: string;
}

export interface LaunchSpecParts {
  readonly request: VMStart;
  readonly plan: LaunchPlan;
  /** Launch number. */
  readonly launch: number;
  /** Digest of the build output, when it is there. */
  readonly output: string | undefined;
  readonly settings: LaunchSettings;
  readonly peer: PeerIdentity;
  readonly artifacts: ArtifactAddress;
}

/** What the ChaincodeLaunch says of one attempt. Nothing in it is secret. */
export function launchSpec(parts: LaunchSpecParts): LaunchSpec {
  const { request, plan, launch, output, settings, peer, artifacts } = parts;
  const { build } = plan;
  const tls = request.files.length > 0;
  return {
    chaincode: { ...request.ccid, type: request.type, path: request.path || undefined },
    peer: {
      ...peerPart(peer, request.peerAddress, settings),
      channel: request.origin?.channelId || undefined,
      transaction: request.origin?.txId,
    },
    source: {
      image: plan.image,
      shell: plan.shell,
      artifacts: tls || build ? artifacts : undefined,
      package: build?.packageDigest,
      mountPath: build?.mountPath,
      output,
    },
    build: build && {
      image: build.image,
      command: build.command,
      env: Object.keys(settings.buildEnv).length > 0 ? settings.buildEnv : undefined,
    },
    command: [...plan.command],
    env: Object.entries(request.env).map(([name, value]) => ({ name, value })),
    tls,
    pod: Object.keys(plan.pod).length > 0 ? plan.pod : undefined,
    timeouts: settings.timeouts,
    networkPolicy: settings.networkPolicy,
    launch,
    suspended: false,
    ttlSecondsAfterFinished: settings.keepFinishedSeconds,
  };
}

/** Who the endorser is, and where. */
export function peerPart(
  peer: PeerIdentity,
  address: string,
  { endorserPodLabels }: LaunchSettings,
): LaunchSpec['peer'] {
  return {
    id: peer.id,
    networkId: peer.networkId,
    mspID: peer.mspId,
    address,
    podLabels: Object.keys(endorserPodLabels).length > 0 ? endorserPodLabels : undefined,
  };
}
