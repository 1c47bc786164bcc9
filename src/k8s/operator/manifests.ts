import {
  annotations,
  labels,
  ownerOf,
  registeredGate,
  type ChaincodeLaunch,
} from '../api/chaincodeLaunch.js';
import { labelValue, podName } from '../api/names.js';
import type { PodRole } from './verdicts.js';
import { overlay } from './overlay.js';
import { builderContainer, chaincodeContainer, fetchContainer, type Pod } from './pod.js';
import { builderCommand, chaincodeCommand, fetchCommand } from './scripts.js';

/** What the operator adds to every Pod that it makes. */
export interface PodSettings {
  /** This project's own image: its `fetch` brings package and TLS files into the Pod. */
  readonly fetchImage: string;
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never';
  /** User and group of all containers; absent = the cluster chooses (OpenShift). */
  readonly runAsUser?: number;
}

/** Folders that fetcher, builder and chaincode share. */
export const runFolder = '/chaincode-launcher/run';
export const outputFolder = '/chaincode-launcher/output';
export const tlsFolder = '/etc/hyperledger/fabric';
const tokenFolder = '/chaincode-launcher/token';

const defaultResources = {
  requests: { cpu: '10m', memory: '64Mi' },
  limits: { cpu: '2', memory: '512Mi' },
};
const fetchResources = {
  requests: { cpu: '10m', memory: '32Mi' },
  limits: { cpu: '2', memory: '256Mi' },
};
const buildResources = {
  requests: { cpu: '100m', memory: '256Mi' },
  limits: { cpu: '2', memory: '2Gi' },
};

/** What the restricted Pod Security profile asks of a container, with a root file system that nobody writes to. */
const restricted = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

const memory = (name: string): object => ({ name, emptyDir: { medium: 'Memory', sizeLimit: '16Mi' } });
const disk = (name: string): object => ({ name, emptyDir: {} });
const mount = (name: string, mountPath: string, readOnly = false): object => ({
  name,
  mountPath,
  ...(readOnly && { readOnly }),
});

/** The Pod of one attempt: the same for the same launch, whoever makes it. */
export function podManifest(launch: ChaincodeLaunch, role: PodRole, settings: PodSettings): Pod {
  const { spec, metadata } = launch;
  const body = role === 'build' ? buildBody(launch, settings) : chaincodeBody(launch, settings);
  const manifest: Pod = {
    metadata: {
      name: podName(metadata.name, metadata.uid ?? '', spec.launch, role),
      namespace: metadata.namespace,
      labels: podLabels(launch, role),
      annotations: { ...podAnnotations(launch), 'kubectl.kubernetes.io/default-container': body.main },
      ownerReferences: [ownerOf(launch)],
    },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: settings.runAsUser,
        runAsGroup: settings.runAsUser,
        fsGroup: settings.runAsUser,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      ...placement(spec.pod ?? {}),
      ...body.spec,
    },
  };
  return spec.pod?.template ? overlay(manifest, spec.pod.template) : manifest;
}

/** What the launch says of where and how its Pod runs; the API server leaves out what is undefined. */
function placement(pod: NonNullable<ChaincodeLaunch['spec']['pod']>): Readonly<Record<string, unknown>> {
  const { resources: _ofContainer, template: _laidOver, ...placed } = pod;
  return { ...placed, terminationGracePeriodSeconds: pod.terminationGracePeriodSeconds ?? 10 };
}

function podLabels({ spec, metadata }: ChaincodeLaunch, role: PodRole): Record<string, string> {
  return {
    'app.kubernetes.io/name': labelValue(spec.chaincode.name),
    'app.kubernetes.io/instance': metadata.name,
    'app.kubernetes.io/version': labelValue(spec.chaincode.version),
    'app.kubernetes.io/component': role === 'build' ? 'chaincode-build' : 'chaincode',
    'app.kubernetes.io/part-of': 'hyperledger-fabric',
    'app.kubernetes.io/managed-by': 'chaincode-launcher',
    [labels.launch]: metadata.name,
    [labels.attempt]: String(spec.launch),
    [labels.peer]: metadata.labels?.[labels.peer] ?? '',
    [labels.role]: role,
    [labels.chaincode]: labelValue(spec.chaincode.name),
    [labels.version]: labelValue(spec.chaincode.version),
  };
}

function podAnnotations({ spec }: ChaincodeLaunch): Record<string, string> {
  return {
    [annotations.chaincode]: spec.chaincode.name,
    [annotations.version]: spec.chaincode.version,
    [annotations.peerId]: spec.peer.id,
    [annotations.mspId]: spec.peer.mspID,
    ...(spec.peer.channel !== undefined && { [annotations.channel]: spec.peer.channel }),
    ...(spec.peer.transaction !== undefined && { [annotations.transaction]: spec.peer.transaction }),
  };
}

interface Body {
  readonly main: string;
  readonly spec: Readonly<Record<string, unknown>>;
}

function chaincodeBody(launch: ChaincodeLaunch, settings: PodSettings): Body {
  const { source, command, env, tls, pod } = launch.spec;
  const outputPath = source.output === undefined && !launch.spec.warm ? undefined : source.mountPath;
  const fetches = source.artifacts !== undefined && (tls || outputPath !== undefined);
  const readyFile = fetches ? `${runFolder}/ready` : undefined;
  const chaincode = {
    name: chaincodeContainer,
    image: source.image,
    imagePullPolicy: settings.imagePullPolicy,
    command: source.shell ? chaincodeCommand(readyFile, command) : command,
    env: [{ name: 'HOME', value: '/tmp' }, ...(env ?? [])],
    resources: pod?.resources ?? defaultResources,
    securityContext: restricted,
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [
      mount('tmp', '/tmp'),
      ...(fetches ? [mount('run', runFolder, true), mount('tls', tlsFolder, true)] : []),
      ...(outputPath === undefined ? [] : [mount('output', outputPath)]),
    ],
  };
  const readinessGates = [{ conditionType: registeredGate }];
  if (!fetches) {
    return {
      main: chaincodeContainer,
      spec: { readinessGates, containers: [chaincode], volumes: [disk('tmp')] },
    };
  }
  const fetcher = fetchPart(launch, settings, source.shell ? 'stay' : 'once', [
    mount('tls', '/chaincode-launcher/tls'),
    ...(outputPath === undefined ? [] : [mount('output', outputFolder)]),
  ]);
  return {
    main: chaincodeContainer,
    spec: {
      readinessGates,
      ...(source.shell
        ? { containers: [fetcher, chaincode] }
        : { initContainers: [fetcher], containers: [chaincode] }),
      volumes: [
        disk('tmp'),
        memory('run'),
        memory('tls'),
        tokenVolume(launch),
        ...(outputPath === undefined ? [] : [disk('output')]),
      ],
    },
  };
}

function buildBody(launch: ChaincodeLaunch, settings: PodSettings): Body {
  const { build } = launch.spec;
  const builder = {
    name: builderContainer,
    image: build?.image,
    imagePullPolicy: settings.imagePullPolicy,
    command: builderCommand(runFolder, build?.command ?? ''),
    env: [
      { name: 'HOME', value: '/tmp' },
      ...Object.entries(build?.env ?? {}).map(([name, value]) => ({ name, value })),
    ],
    resources: build?.resources ?? buildResources,
    securityContext: restricted,
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [
      mount('tmp', '/tmp'),
      mount('run', runFolder),
      mount('input', '/chaincode/input'),
      mount('output', '/chaincode/output'),
    ],
  };
  const fetcher = fetchPart(launch, settings, 'build', [
    mount('input', '/chaincode/input'),
    mount('output', '/chaincode/output'),
  ]);
  return {
    main: builderContainer,
    spec: {
      containers: [fetcher, builder],
      volumes: [disk('tmp'), memory('run'), disk('input'), disk('output'), tokenVolume(launch)],
    },
  };
}

function tokenVolume({ spec }: ChaincodeLaunch): object {
  const audience = spec.source.artifacts?.audience;
  return {
    name: 'token',
    projected: {
      sources: [{ serviceAccountToken: { path: 'token', expirationSeconds: 3600, audience } }],
    },
  };
}

function fetchPart(
  { metadata, spec }: ChaincodeLaunch,
  settings: PodSettings,
  mode: 'stay' | 'once' | 'build',
  mounts: readonly object[],
): object {
  return {
    name: fetchContainer,
    image: settings.fetchImage,
    imagePullPolicy: settings.imagePullPolicy,
    command: fetchCommand(mode),
    env: [
      { name: 'CHAINCODE_LAUNCHER_URL', value: spec.source.artifacts?.url },
      { name: 'CHAINCODE_LAUNCHER_CA', value: spec.source.artifacts?.caBundle },
      { name: 'CHAINCODE_LAUNCHER_LAUNCH', value: metadata.name },
      { name: 'CHAINCODE_LAUNCHER_ATTEMPT', value: String(spec.launch) },
      { name: 'CHAINCODE_LAUNCHER_TOKEN_FILE', value: `${tokenFolder}/token` },
      ...(spec.warm ? [{ name: 'CHAINCODE_LAUNCHER_WARM', value: 'true' }] : []),
      { name: 'CHAINCODE_LAUNCHER_TLS', value: String(spec.tls) },
      {
        name: 'CHAINCODE_LAUNCHER_DIGEST',
        value: (mode === 'build' ? spec.source.package : spec.source.output) ?? '',
      },
    ],
    // A build's fetcher holds the whole package, up to 100 MiB, and a little more than that.
    resources:
      mode === 'build' ? { ...fetchResources, limits: { cpu: '2', memory: '640Mi' } } : fetchResources,
    securityContext: restricted,
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [mount('run', runFolder), mount('token', tokenFolder, true), ...mounts],
  };
}
