import type { ChaincodeLaunch } from '../../k8s/api/chaincodeLaunch.js';

/** Why a launch is where it is, for people. */
export interface Explanation {
  readonly launch: string;
  readonly phase: string;
  readonly reason: string;
  readonly summary: string;
  readonly advice: readonly string[];
}

/** What helps, by the reason that the operator or Kubernetes gave. */
const advice: Readonly<Record<string, readonly string[]>> = {
  ErrImagePull: [
    'Is the image name right, and does the registry have it? kubectl describe pod shows the registry’s answer.',
    'A private registry needs vm.kubernetes.pod.imagePullSecrets, or a service account that has them.',
  ],
  InvalidImageName: [
    'Correct the image name in chaincode.*.runtime, chaincode.builder or vm.kubernetes.images.',
  ],
  CreateContainerConfigError: [
    'A ConfigMap, Secret or user that the Pod names does not exist or does not fit; the message above names it.',
    'An image whose user is a name needs a numeric user: operator --run-as-user.',
  ],
  OOMKilled: [
    'Raise vm.kubernetes.pods.‹chaincode›.resources.limits.memory, then invoke again: it is launched anew.',
  ],
  Unschedulable: [
    'No node has room, or none fits nodeSelector, affinity and tolerations; the message above counts them.',
    'Lower vm.kubernetes.pod.resources.requests or add nodes.',
  ],
  QuotaExceeded: ['The namespace’s ResourceQuota is used up: kubectl describe quota.'],
  PodSecurity: ['The namespace’s Pod Security level refuses the Pod: look at vm.kubernetes.pod.template.'],
  PodForbidden: [
    'The operator may not make Pods here: kubectl auth can-i create pods --as system:serviceaccount:…',
  ],
  PodInvalid: ['The API server does not take the Pod: look at vm.kubernetes.pod and its template.'],
  FetchFailed: [
    'The Pod could not fetch its files from the endorser: is spec.source.artifacts.url reachable from Pods, and does a NetworkPolicy allow it?',
  ],
  BuildFailed: [
    'The build’s output is above. Pods may not reach registries: see vm.kubernetes.buildEnv for proxies.',
  ],
  Evicted: ['The node needed the room, or was drained. The next invoke launches the chaincode again.'],
  StartError: [
    'The command is not in the image: an image without /bin/sh belongs into vm.kubernetes.imagesWithoutShell.',
  ],
  PodFailed: [
    'The kubelet ended the Pod without a reason: kubectl describe pod, and the log of the node’s kubelet.',
  ],
  PodDeleted: ['Somebody deleted the Pod. The next invoke launches the chaincode again.'],
  Timeout: ['The phase took longer than vm.kubernetes.timeouts allows; the message above says which.'],
  ContainerExited: [
    'The chaincode ended by itself: its last lines are above, or in: launches logs.',
    'Node.js shims end with 0 also when they cannot reach the peer or its TLS files are wrong.',
  ],
  GivenUp: [
    'The endorser gave up at chaincode.startuptimeout; a later attempt may succeed once the cause is gone.',
  ],
  WaitingForOldPod: ['The Pod of the last launch has to end first; it gets its grace period.'],
};
const sameAs: Readonly<Record<string, string>> = {
  ImagePullBackOff: 'ErrImagePull',
  ErrImageNeverPull: 'ErrImagePull',
  CreateContainerError: 'CreateContainerConfigError',
  RunContainerError: 'CreateContainerConfigError',
  RegistryUnavailable: 'ErrImagePull',
  ImageInspectError: 'ErrImagePull',
  ContainerCannotRun: 'StartError',
  BuildPodDeleted: 'PodDeleted',
  NodeLost: 'Evicted',
  NodeAffinity: 'Evicted',
  NodeShutdown: 'Evicted',
  Terminated: 'Evicted',
  Preempting: 'Evicted',
  Disrupted: 'Evicted',
  DeletionByTaintManager: 'Evicted',
  DeletionByPodGC: 'Evicted',
};

/** Puts the state of a launch into words, with what can be done about it. */
export function explanation({ metadata, spec, status = {} }: ChaincodeLaunch): Explanation {
  const { phase = 'Pending', reason = '', message = '', exit } = status;
  const title = `${spec.chaincode.name}:${spec.chaincode.version} (launch ${spec.launch}) is ${phase}`;
  const lines = (exit?.lastLines ?? []).map((line) => `\n  | ${line}`).join('');
  const known = advice[sameAs[reason] ?? reason] ?? [];
  const untouched =
    status.attempt === undefined
      ? ['No operator has looked at it yet: does one run for this namespace?']
      : [];
  return {
    launch: `${metadata.namespace ?? ''}/${metadata.name}`,
    phase,
    reason,
    summary: `${title}${reason ? `, ${reason}` : ''}${message ? `: ${message}` : ''}${lines}`,
    advice: [...untouched, ...known],
  };
}
