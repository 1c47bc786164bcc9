import { describe, expect, it } from 'vitest';
import { aLaunch, at, failedStatus, readyStatus } from '../../../test/support/launches.js';
import { barsOf } from './bars.js';

const { spec } = aLaunch();
const build = { image: 'builder:1', command: 'npm ci' };

describe('the bars of an attempt', () => {
  it('follow each other without a gap, and Ready goes on', () => {
    expect(barsOf(spec, readyStatus)).toEqual([
      { phase: 'Pending', from: 0, to: 100, state: 'done' },
      { phase: 'Scheduling', from: 100, to: 200, state: 'done' },
      { phase: 'Starting', from: 200, to: 1500, state: 'done' },
      { phase: 'Registering', from: 1500, to: 1900, state: 'done' },
      { phase: 'Ready', from: 1900, state: 'running' },
    ]);
  });

  it('end with the phase that failed', () => {
    expect(barsOf(spec, failedStatus).at(-1)).toEqual({
      phase: 'Registering',
      from: 1500,
      to: 2000,
      state: 'failed',
    });
  });

  it('end with Ready where a chaincode that had registered was stopped', () => {
    const times = { ...readyStatus.times, ended: at(60) };
    expect(barsOf(spec, { ...readyStatus, phase: 'Stopped', times }).at(-1)).toEqual({
      phase: 'Ready',
      from: 1900,
      to: 60_000,
      state: 'stopped',
    });
  });

  it('begin with the build where there is one', () => {
    const times = { begun: at(0), built: at(8), podCreated: at(8.5) };
    expect(barsOf({ ...spec, build }, { phase: 'Scheduling', times })).toEqual([
      { phase: 'Building', from: 0, to: 8000, state: 'done' },
      { phase: 'Pending', from: 8000, to: 8500, state: 'done' },
      { phase: 'Scheduling', from: 8500, state: 'running' },
    ]);
  });

  it("take the operator's word for what goes on", () => {
    const status = { phase: 'Pending', reason: 'WaitingForOldPod', times: { begun: at(0) } } as const;
    expect(barsOf({ ...spec, build }, status)).toEqual([{ phase: 'Pending', from: 0, state: 'running' }]);
  });

  it('show a prewarmed Pod as warm, not as one that does not register', () => {
    const times = { begun: at(0), podCreated: at(0.1), scheduled: at(0.2), started: at(1) };
    expect(barsOf({ ...spec, warm: true }, { phase: 'Warm', times }).at(-1)).toEqual({
      phase: 'Warm',
      from: 1000,
      state: 'running',
    });
  });

  it('take no time rather than less than none where two clocks disagree', () => {
    const times = { ...readyStatus.times, registered: at(1.2) };
    expect(barsOf(spec, { ...readyStatus, times }).slice(-2)).toEqual([
      { phase: 'Registering', from: 1500, to: 1500, state: 'done' },
      { phase: 'Ready', from: 1500, state: 'running' },
    ]);
  });

  it('are none before an operator has seen the launch', () => {
    expect(barsOf(spec, {})).toEqual([]);
  });
});
