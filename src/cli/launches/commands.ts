import { LauncherError, messageOf } from '../../errors.js';
import type { CliIo } from '../io.js';
import { table } from '../table.js';

export interface LaunchFlags {
  operations?: string;
  output: 'text' | 'json';
  timeline?: boolean;
  follow?: boolean;
}

/** A launch as the operations endpoint answers it. */
interface Launch {
  readonly chaincode: string;
  readonly version: string;
  readonly phase: string;
  readonly startedAt: string;
  readonly steps: Readonly<Record<string, number | undefined>>;
  readonly exit?: { readonly code: number; readonly signal?: string };
  readonly failure?: string;
}

const steps = [
  'packageKept',
  'built',
  'started',
  'registered',
  'initDone',
  'endorsed',
  'ordered',
  'committed',
] as const;
const titles = [
  'PACKAGE KEPT',
  'BUILT',
  'STARTED',
  'REGISTERED',
  'INIT DONE',
  'ENDORSED',
  'ORDERED',
  'COMMITTED',
];

/** `launches list [--timeline]` */
export async function listLaunchesCommand(io: CliIo, flags: LaunchFlags): Promise<void> {
  const { launches: all } = (await get(io, flags, '/launches')) as { launches: Launch[] };
  // System chaincode starts with the peer; nobody asked for it.
  const launches = all.filter((one) => !['lscc', 'cscc', 'qscc'].includes(one.chaincode));
  if (flags.output === 'json') {
    io.stdout.write(`${JSON.stringify(launches)}\n`);
    return;
  }
  if (launches.length === 0) {
    io.stdout.write('No launches.\n');
    return;
  }
  const head = flags.timeline
    ? ['CHAINCODE', 'VERSION', 'PHASE', ...titles]
    : ['CHAINCODE', 'VERSION', 'PHASE', 'READY', 'EXIT', 'STARTED', 'FAILURE'];
  const rows = launches.map((one) => (flags.timeline ? timelineRow(one) : listRow(one)));
  io.stdout.write(table([head, ...rows]));
  if (flags.timeline) io.stdout.write('Times in milliseconds since the launch began.\n');
}

function listRow(one: Launch): string[] {
  const registered = one.steps['registered'];
  return [
    one.chaincode,
    one.version,
    one.phase,
    registered === undefined ? '-' : `${Math.round(registered)} ms`,
    one.exit ? (one.exit.signal ?? String(one.exit.code)) : '-',
    one.startedAt,
    one.failure?.split('\n')[0]?.slice(0, 60) ?? '',
  ];
}

function timelineRow(one: Launch): string[] {
  const times = steps.map((step) => {
    const time = one.steps[step];
    return time === undefined ? '-' : String(Math.round(time));
  });
  return [one.chaincode, one.version, one.phase, ...times];
}

/** `launches describe ‹name[:version]›` */
export async function describeLaunchCommand(io: CliIo, name: string, flags: LaunchFlags): Promise<void> {
  const one = (await get(io, flags, `/launches/${encodeURIComponent(name)}`)) as Launch;
  if (flags.output === 'json') {
    io.stdout.write(`${JSON.stringify(one)}\n`);
    return;
  }
  const lines = [
    `Chaincode:  ${one.chaincode}`,
    `Version:    ${one.version}`,
    `Phase:      ${one.phase}`,
    `Started:    ${one.startedAt}`,
    ...(one.exit ? [`Exit:       ${one.exit.code}${one.exit.signal ? ` (${one.exit.signal})` : ''}`] : []),
    'Timeline:',
    ...steps.flatMap((step, index) => {
      const time = one.steps[step];
      return time === undefined
        ? []
        : [`  ${(titles[index] ?? step).toLowerCase().padEnd(14)}${Math.round(time)} ms`];
    }),
    ...(one.failure ? ['Failure:', ...one.failure.split('\n').map((line) => `  ${line}`)] : []),
  ];
  io.stdout.write(`${lines.join('\n')}\n`);
}

/** `launches logs ‹name[:version]› [--follow]` */
export async function launchLogsCommand(io: CliIo, name: string, flags: LaunchFlags): Promise<void> {
  const path = `/launches/${encodeURIComponent(name)}/logs${flags.follow ? '?follow=1' : ''}`;
  const response = await request(io, flags, path);
  for await (const chunk of response.body ?? [])
    io.stdout.write(Buffer.from(chunk as Uint8Array).toString('utf8'));
}

async function get(io: CliIo, flags: LaunchFlags, path: string): Promise<unknown> {
  return (await request(io, flags, path)).json();
}

async function request(io: CliIo, flags: LaunchFlags, path: string): Promise<Response> {
  const address = flags.operations ?? io.env['CORE_OPERATIONS_LISTENADDRESS'] ?? '127.0.0.1:9443';
  const base = /^https?:/.test(address) ? address : `http://${address}`;
  let response: Response;
  try {
    response = await fetch(`${base}${path}`);
  } catch (error) {
    throw new LauncherError(
      `cannot reach the operations endpoint ${base}: ${messageOf(error instanceof Error && error.cause ? error.cause : error)}; is the peer running? (--operations names another address)`,
      { cause: error },
    );
  }
  if (!response.ok) throw new LauncherError(`${path}: ${response.status} ${(await response.text()).trim()}`);
  return response;
}
