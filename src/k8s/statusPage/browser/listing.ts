import type { LaunchRow } from '../viewTypes.js';

export const sortings = ['attention', 'newest', 'name'] as const;
export type Sorting = (typeof sortings)[number];

/** What is shown of all launches. It is kept in the page's URL. */
export interface Listing {
  /** Words; each must occur somewhere in a launch. */
  readonly text: string;
  /** Empty = all. */
  readonly phases: ReadonlySet<string>;
  readonly sorting: Sorting;
}

export function listingOf(query: URLSearchParams): Listing {
  const sorting = sortings.find((each) => each === query.get('sort')) ?? 'attention';
  const phases = (query.get('phase') ?? '').split(',').filter((phase) => phase !== '');
  return { text: query.get('q') ?? '', phases: new Set(phases), sorting };
}

export function queryOf({ text, phases, sorting }: Listing): string {
  const query = new URLSearchParams();
  if (text !== '') query.set('q', text);
  if (phases.size > 0) query.set('phase', [...phases].join(','));
  if (sorting !== 'attention') query.set('sort', sorting);
  const written = query.toString();
  return written === '' ? '' : `?${written}`;
}

/** Those whose words match, whatever their phase: what the numbers beside the phases count. */
export function withText(rows: Iterable<LaunchRow>, text: string): LaunchRow[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return [...rows];
  return [...rows].filter((row) => {
    const hay = haystack(row);
    return words.every((word) => hay.includes(word));
  });
}

function haystack(row: LaunchRow): string {
  const {
    key,
    chaincode,
    version,
    peer,
    mspId,
    channel = '',
    phase,
    reason,
    message,
    pod = '',
    node = '',
  } = row;
  return `${chaincode}:${version} ${key} ${peer} ${mspId} ${channel} ${phase} ${reason} ${message} ${pod} ${node}`.toLowerCase();
}

export function inOrder(rows: readonly LaunchRow[], { phases, sorting }: Listing): LaunchRow[] {
  const shown = phases.size === 0 ? [...rows] : rows.filter(({ phase }) => phases.has(phase));
  return shown.sort(orders[sorting]);
}

type Order = (a: LaunchRow, b: LaunchRow) => number;

const byName: Order = (a, b) => compare(a.chaincode, b.chaincode) || compare(a.key, b.key);
const newestFirst: Order = (a, b) => compare(sinceOf(b), sinceOf(a)) || byName(a, b);
const orders: Readonly<Record<Sorting, Order>> = {
  attention: (a, b) => urgency(a) - urgency(b) || newestFirst(a, b),
  newest: newestFirst,
  name: byName,
};

/** Not by locale: that is slow with thousands, and these are identifiers. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** What has failed first, then what is on its way, then what runs, then what is over. */
function urgency({ phase }: LaunchRow): number {
  if (phase === 'Failed') return 0;
  if (phase === 'Stopped') return 3;
  return phase === 'Ready' || phase === 'Warm' ? 2 : 1;
}

/** When the attempt began. */
export function sinceOf({ begun, created = '' }: LaunchRow): string {
  return begun ?? created;
}

/**
 * Milliseconds from the begin of the attempt to its registration, its end, or now; undefined before it has begun, and for a
 * prewarmed Pod, which waits for nothing.
 */
export function tookMs({ begun, registered, ended, phase }: LaunchRow, now: number): number | undefined {
  if (begun === undefined || phase === 'Warm') return undefined;
  const until = registered ?? ended;
  return Math.max(0, (until === undefined ? now : Date.parse(until)) - Date.parse(begun));
}
