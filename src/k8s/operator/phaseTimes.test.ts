import { describe, expect, it } from 'vitest';
import type { LaunchStatus } from '../api/schema.js';
import { phaseTimes } from './phaseTimes.js';

const at = (seconds: number): string => new Date(Date.UTC(2026, 10, 27, 10, 0, seconds)).toISOString();

describe('the lengths of phases', () => {
  const done: LaunchStatus = {
    attempt: 2,
    times: {
      begun: at(0),
      built: at(20),
      podCreated: at(21),
      scheduled: at(23),
      started: at(26),
      registered: at(30),
    },
  };

  it('are the times between the steps of a launch', () => {
    expect(phaseTimes(undefined, done)).toEqual([
      { phase: 'Building', seconds: 20 },
      { phase: 'Pending', seconds: 1 },
      { phase: 'Scheduling', seconds: 2 },
      { phase: 'Starting', seconds: 3 },
      { phase: 'Registering', seconds: 4 },
    ]);
  });

  it('have no build where nothing was built', () => {
    const status = { attempt: 1, times: { begun: at(0), podCreated: at(2) } };
    expect(phaseTimes(undefined, status)).toEqual([{ phase: 'Pending', seconds: 2 }]);
  });

  it('are told once, when the phase is over', () => {
    const before = {
      attempt: 2,
      times: { begun: at(0), built: at(20), podCreated: at(21), scheduled: at(23) },
    };
    expect(phaseTimes(before, done).map(({ phase }) => phase)).toEqual(['Starting', 'Registering']);
    expect(phaseTimes(done, done)).toEqual([]);
  });

  it('are told anew for the next attempt', () => {
    expect(phaseTimes({ ...done, attempt: 1 }, done)).toHaveLength(5);
  });

  it('are not told of a phase in which the launch failed', () => {
    const failed = { attempt: 1, times: { begun: at(0), podCreated: at(1), ended: at(9) } };
    expect(phaseTimes(undefined, failed)).toEqual([{ phase: 'Pending', seconds: 1 }]);
  });

  it('are never less than nothing, whatever the clock of the endorser says', () => {
    const status = { attempt: 1, times: { started: at(5), registered: at(4) } };
    expect(phaseTimes(undefined, status)).toEqual([{ phase: 'Registering', seconds: 0 }]);
  });
});
