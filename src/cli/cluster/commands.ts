import type { IncomingMessage } from 'node:http';
import { LauncherError } from '../../errors.js';
import { hasEnded, isOver, type ChaincodeLaunch } from '../../k8s/api/chaincodeLaunch.js';
import type { KubeEvent } from '../../k8s/client/eventRecorder.js';
import { events, pods, resourcePath } from '../../k8s/client/objects.js';
import { Resource } from '../../k8s/client/resource.js';
import type { CliIo } from '../io.js';
import { table } from '../table.js';
import { findLaunch, listLaunches, withCluster, type Cluster, type ClusterFlags } from './access.js';
import { explanation } from './explain.js';

/** `launches list -n ‹namespace›` */
export async function listClusterCommand(io: CliIo, flags: ClusterFlags): Promise<void> {
  await withCluster(flags, async (cluster) => {
    const all = await listLaunches(cluster);
    if (flags.output === 'json') {
      io.stdout.write(`${JSON.stringify(all)}\n`);
      return;
    }
    if (all.length === 0) {
      io.stdout.write('No launches.\n');
      return;
    }
    const wide = cluster.selection.namespace === undefined;
    const head = ['NAME', 'CHAINCODE', 'VERSION', 'PHASE', 'READY', 'POD', 'EXIT', 'AGE', 'REASON'];
    const rows = all.map((launch) => [
      ...(wide ? [launch.metadata.namespace ?? ''] : []),
      ...listRow(launch),
    ]);
    io.stdout.write(table([wide ? ['NAMESPACE', ...head] : head, ...rows]));
  });
}

function listRow({ metadata, spec, status = {} }: ChaincodeLaunch): string[] {
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  return [
    metadata.name,
    spec.chaincode.name,
    spec.chaincode.version,
    status.phase ?? 'Pending',
    ready?.status ?? '-',
    status.pod?.name ?? '-',
    status.exit ? String(status.exit.code) : '-',
    age(metadata.creationTimestamp),
    status.reason ?? '',
  ];
}

/** As kubectl prints it: 40s, 5m, 3h, 2d. */
function age(since: string | undefined): string {
  if (since === undefined) return '-';
  const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(since)) / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}

/** `launches describe ‹name› -n ‹namespace›` */
export async function describeClusterCommand(io: CliIo, name: string, flags: ClusterFlags): Promise<void> {
  await withCluster(flags, async (cluster) => {
    const launch = await findLaunch(cluster, name);
    if (flags.output === 'json') {
      io.stdout.write(`${JSON.stringify(launch)}\n`);
      return;
    }
    const told = await eventsOf(cluster, launch);
    io.stdout.write(
      `${[...facts(launch), ...timeline(launch), ...conditions(launch), ...told].join('\n')}\n`,
    );
  });
}

function facts({ metadata, spec, status = {} }: ChaincodeLaunch): string[] {
  const { exit } = status;
  const signal = exit?.signal === undefined ? '' : `, ${exit.signal}`;
  return [
    `Name:       ${metadata.namespace ?? ''}/${metadata.name}`,
    `Chaincode:  ${spec.chaincode.name}:${spec.chaincode.version} (${spec.chaincode.type})`,
    `Peer:       ${spec.peer.id} (${spec.peer.mspID}) at ${spec.peer.address}`,
    `Image:      ${spec.source.image}`,
    `Launch:     ${spec.launch}`,
    `Phase:      ${status.phase ?? 'Pending'}`,
    `Message:    ${status.message ?? ''}`,
    ...(status.pod
      ? [`Pod:        ${status.pod.name}${status.pod.node ? ` on ${status.pod.node}` : ''}`]
      : []),
    ...(exit ? [`Exit:       ${exit.code} (${exit.reason ?? ''}${signal})`] : []),
    ...(exit?.lastLines ?? []).map((line) => `  | ${line}`),
  ];
}

const steps = ['built', 'podCreated', 'scheduled', 'started', 'registered', 'ended'] as const;

function timeline({ status }: ChaincodeLaunch): string[] {
  const { times } = status ?? {};
  if (!times?.begun) return [];
  const begin = Date.parse(times.begun);
  return [
    `Timeline:   (milliseconds since ${times.begun})`,
    ...steps.flatMap((step) => {
      const time = times[step];
      return time === undefined ? [] : [`  ${step.padEnd(12)}${Date.parse(time) - begin}`];
    }),
  ];
}

function conditions({ status }: ChaincodeLaunch): string[] {
  const all = status?.conditions ?? [];
  if (all.length === 0) return [];
  const rows = all.map(({ type, status: value, reason, message }) => [
    `  ${type}`,
    value,
    reason,
    message.split('\n', 1)[0] ?? '',
  ]);
  return ['Conditions:', table(rows).trimEnd()];
}

async function eventsOf({ client }: Cluster, { metadata }: ChaincodeLaunch): Promise<string[]> {
  const { items } = await new Resource<KubeEvent>(client, events).list({
    namespace: metadata.namespace ?? '',
    fieldSelector: `involvedObject.uid=${metadata.uid ?? ''}`,
  });
  if (items.length === 0) return [];
  const sorted = [...items].sort((a, b) => a.lastTimestamp.localeCompare(b.lastTimestamp));
  const rows = sorted.map(({ type, reason, message, count, lastTimestamp }) => [
    `  ${type}`,
    reason,
    `${age(lastTimestamp)}${count > 1 ? ` (x${count})` : ''}`,
    message.split('\n', 1)[0] ?? '',
  ]);
  return ['Events:', table(rows).trimEnd()];
}

export interface LogFlags extends ClusterFlags {
  follow?: boolean;
}

/** `launches logs ‹name› -n ‹namespace› [--follow]`: the output of the Pod, or what was kept of it. */
export async function logsClusterCommand(io: CliIo, name: string, flags: LogFlags): Promise<void> {
  await withCluster(flags, async (cluster) => {
    const launch = await findLaunch(cluster, name);
    const pod = standingPod(launch);
    if (!pod) {
      io.stdout.write(keptOutput(launch));
      return;
    }
    const query = new URLSearchParams({ container: pod.container, ...(flags.follow && { follow: 'true' }) });
    const path = `${resourcePath(pods, launch.metadata.namespace, pod.name)}/log?${query.toString()}`;
    const response: IncomingMessage = await cluster.client.open({ method: 'GET', path });
    response.setEncoding('utf8');
    for await (const text of response) io.stdout.write(text as string);
  });
}

function standingPod({ status = {} }: ChaincodeLaunch): { name: string; container: string } | undefined {
  if (hasEnded(status)) return undefined;
  if (status.pod) return { name: status.pod.name, container: 'chaincode' };
  return status.buildPod && { name: status.buildPod.name, container: 'builder' };
}

function keptOutput({ metadata, status = {} }: ChaincodeLaunch): string {
  const lines = status.exit?.lastLines ?? (status.message ? [status.message] : []);
  if (lines.length === 0) throw new LauncherError(`${metadata.name} has no Pod, and no output was kept`);
  return lines.map((line) => `${line}\n`).join('');
}

/** `launches explain ‹name› -n ‹namespace›`: what happened and what to do. */
export async function explainCommand(io: CliIo, name: string, flags: ClusterFlags): Promise<void> {
  await withCluster(flags, async (cluster) => {
    const found = explanation(await findLaunch(cluster, name));
    if (flags.output === 'json') io.stdout.write(`${JSON.stringify(found)}\n`);
    else io.stdout.write(`${found.summary}\n${found.advice.map((line) => `  - ${line}\n`).join('')}`);
  });
}

export interface PruneFlags extends ClusterFlags {
  olderThan: string;
  dryRun?: boolean;
}

/** `launches prune -n ‹namespace›`: deletes launches that have ended. @param olderThanMs since their end */
export async function pruneCommand(io: CliIo, flags: PruneFlags, olderThanMs: number): Promise<void> {
  await withCluster(flags, async (cluster) => {
    const old = (await listLaunches(cluster)).filter((launch) => {
      const ended = Date.parse(launch.status?.times?.ended ?? '');
      return isOver(launch) && Date.now() - ended >= olderThanMs;
    });
    for (const { metadata } of old) {
      const { namespace = '', name, uid } = metadata;
      if (!flags.dryRun) await cluster.launches.delete(namespace, name, { uid });
      if (flags.output === 'text') {
        io.stdout.write(`${namespace}/${name} ${flags.dryRun ? 'would be deleted' : 'deleted'}\n`);
      }
    }
    const names = old.map(({ metadata }) => metadata.name);
    if (flags.output === 'json')
      io.stdout.write(`${JSON.stringify({ deleted: names, dryRun: flags.dryRun === true })}\n`);
    else if (names.length === 0) io.stdout.write('Nothing to prune.\n');
  });
}
