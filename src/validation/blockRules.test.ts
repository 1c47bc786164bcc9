import { expect, it } from 'vitest';
import { markDuplicates, markUpgradeConflicts, type Outcome } from './blockRules.js';

const codesOf = (outcomes: readonly Outcome[]): number[] => outcomes.map((outcome) => outcome.code);

it('takes a duplicated upgrade for the last one, as Fabric does: then none of the two is committed', () => {
  const upgrade = (): Outcome => ({ code: 0, txId: 'a', chaincode: 'lscc', upgrades: 'cc' });
  const outcomes = [upgrade(), upgrade()];
  markDuplicates(outcomes);
  markUpgradeConflicts(outcomes);
  expect(codesOf(outcomes)).toEqual([18, 9]);
});

it('leaves the reason of an invocation that was invalid before', () => {
  const outcomes: Outcome[] = [
    { code: 10, reason: 'policy', txId: '', chaincode: 'cc' },
    { code: 0, txId: 'a', chaincode: 'lscc', upgrades: 'cc' },
  ];
  markUpgradeConflicts(outcomes);
  expect(outcomes[0]).toEqual({ code: 10, reason: 'policy', txId: '', chaincode: 'cc' });
});

it('compares no empty txids', () => {
  const outcomes: Outcome[] = [
    { code: 0, txId: '' },
    { code: 0, txId: '' },
  ];
  markDuplicates(outcomes);
  expect(codesOf(outcomes)).toEqual([0, 0]);
});
