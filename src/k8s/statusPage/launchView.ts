import { annotations, hasEnded, type ChaincodeLaunch } from '../api/chaincodeLaunch.js';
import type { LaunchSpec, LaunchStatus } from '../api/schema.js';
import { barsOf } from './bars.js';
import { commandsOf } from './commands.js';
import { firstLine, withoutCredentials } from './plainText.js';
import type { ExitView, LaunchDetail, LaunchRow, Mark } from './viewTypes.js';

const longestMessage = 240;

/** A launch as a line of the table. */
export function rowOf({ metadata, spec, status = {} }: ChaincodeLaunch): LaunchRow {
  const { chaincode, peer } = spec;
  const { times = {}, pod, exit } = status;
  const namespace = metadata.namespace ?? '';
  return {
    key: `${namespace}/${metadata.name}`,
    namespace,
    name: metadata.name,
    chaincode: chaincode.name,
    version: chaincode.version,
    type: chaincode.type,
    peer: peer.id,
    mspId: peer.mspID,
    channel: peer.channel,
    phase: status.phase ?? 'Pending',
    ready:
      status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false,
    reason: status.reason ?? '',
    message: firstLine(withoutCredentials(status.message ?? ''), longestMessage),
    attempt: status.attempt ?? spec.launch,
    created: metadata.creationTimestamp,
    begun: times.begun,
    registered: times.registered,
    ended: times.ended,
    pod: pod?.name,
    node: pod?.node,
    exitCode: exit?.code,
    marks: marksOf(metadata, spec, status),
  };
}

function marksOf(metadata: ChaincodeLaunch['metadata'], spec: LaunchSpec, status: LaunchStatus): Mark[] {
  return [
    ...(metadata.annotations?.[annotations.paused] === 'true' ? ['paused' as const] : []),
    // What has ended shows that by its phase.
    ...(spec.suspended && !hasEnded(status) ? ['suspended' as const] : []),
    ...(metadata.deletionTimestamp === undefined ? [] : ['deleting' as const]),
  ];
}

/**
 * A launch as a page of its own. Field by field: environment, command lines, the artifact endpoint and whatever the schema may
 * get one day stay inside.
 */
export function detailOf({ metadata, spec, status = {} }: ChaincodeLaunch): LaunchDetail {
  const launch: ChaincodeLaunch = { metadata, spec, status };
  return {
    row: rowOf(launch),
    message: withoutCredentials(status.message ?? ''),
    image: spec.source.image,
    buildImage: spec.build?.image,
    transaction: spec.peer.transaction,
    buildPod: status.buildPod?.name,
    exit: exitOf(status),
    bars: barsOf(spec, status),
    conditions: (status.conditions ?? []).map(
      ({ type, status: value, reason, message, lastTransitionTime }) => ({
        type,
        status: value,
        reason,
        message: withoutCredentials(message),
        since: lastTransitionTime,
      }),
    ),
    commands: commandsOf(launch),
  };
}

function exitOf({ exit }: LaunchStatus): ExitView | undefined {
  if (!exit) return undefined;
  const { code, reason, signal, lastLines = [] } = exit;
  return { code, reason, signal, lastLines: lastLines.map(withoutCredentials) };
}
