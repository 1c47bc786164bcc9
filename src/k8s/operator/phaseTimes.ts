import type { LaunchStatus } from '../api/schema.js';

/** Phases that have an end of their own, in the order of a launch. */
export const timedPhases = ['Building', 'Pending', 'Scheduling', 'Starting', 'Registering'] as const;
export type TimedPhase = (typeof timedPhases)[number];

/** How long a phase took. */
export interface PhaseTime {
  readonly phase: TimedPhase;
  readonly seconds: number;
}

type Step = keyof NonNullable<LaunchStatus['times']>;

/** The steps between which each phase lies; the last one there is counts as its begin. */
const bounds: Readonly<Record<TimedPhase, { readonly after: readonly Step[]; readonly until: Step }>> = {
  Building: { after: ['begun'], until: 'built' },
  Pending: { after: ['begun', 'built'], until: 'podCreated' },
  Scheduling: { after: ['podCreated'], until: 'scheduled' },
  Starting: { after: ['scheduled'], until: 'started' },
  Registering: { after: ['started'], until: 'registered' },
};

/**
 * The phases that are over in `after` and were not in `before`, with their lengths. Clocks of endorser and operator differ, so
 * that a registration may seem to lie before the start: that is 0.
 */
export function phaseTimes(before: LaunchStatus | undefined, after: LaunchStatus): PhaseTime[] {
  const times = after.times ?? {};
  const known = before?.attempt === after.attempt ? (before?.times ?? {}) : {};
  return timedPhases.flatMap((phase) => {
    const { after: begins, until } = bounds[phase];
    const begin = begins.map((step) => times[step]).findLast((time) => time !== undefined);
    const end = times[until];
    if (begin === undefined || end === undefined || known[until] !== undefined) return [];
    return { phase, seconds: Math.max(0, (Date.parse(end) - Date.parse(begin)) / 1000) };
  });
}
