import { describe, expect, it } from 'vitest';
import { isOver, type ChaincodeLaunch } from './chaincodeLaunch.js';

describe('a launch', () => {
  const launch = (asked: number, status?: ChaincodeLaunch['status']): ChaincodeLaunch => ({
    metadata: { name: 'kv' },
    spec: { launch: asked } as ChaincodeLaunch['spec'],
    ...(status && { status }),
  });

  it.each(['Failed', 'Stopped'] as const)('whose only attempt is %s is over', (phase) => {
    expect(isOver(launch(1, { attempt: 1, phase }))).toBe(true);
  });

  it('whose chaincode runs is not over', () => {
    expect(isOver(launch(1, { attempt: 1, phase: 'Ready' }))).toBe(false);
  });

  it('whose next attempt was asked for is not over, though its status tells of the last one still', () => {
    expect(isOver(launch(2, { attempt: 1, phase: 'Stopped' }))).toBe(false);
  });

  it('that no operator has seen is not over', () => {
    expect(isOver(launch(1))).toBe(false);
  });
});
