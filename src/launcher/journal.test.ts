import { describe, expect, it } from 'vitest';
import { LaunchJournal } from './journal.js';

const mycc = { name: 'mycc', version: '1.0' };

function journalAt() {
  let now = 100;
  const steps: string[] = [];
  const journal = new LaunchJournal({
    maxRecords: 3,
    maxLines: 5,
    now: () => now,
    onStep: (step, tookMs, success) => steps.push(`${step} ${tookMs} ${success}`),
  });
  return { journal, steps, pass: (ms: number) => (now += ms) };
}

describe('the launch journal', () => {
  it('keeps the time of each step since the begin, and goes through the phases', () => {
    const { journal, pass, steps } = journalAt();
    const attempt = journal.begin(mycc);
    const phases = [journal.get('mycc')?.phase];
    for (const step of ['packageKept', 'built', 'started', 'registered', 'initDone'] as const) {
      pass(10);
      attempt.step(step);
      phases.push(journal.get('mycc:1.0')?.phase);
    }
    attempt.step('built');
    expect(phases).toEqual(['Pending', 'Building', 'Starting', 'Registering', 'Running', 'Running']);
    expect(journal.get('mycc')?.steps).toEqual({
      packageKept: 10,
      built: 20,
      started: 30,
      registered: 40,
      initDone: 50,
    });
    expect(steps).toEqual(['packageKept 10 true', 'built 10 true', 'started 10 true', 'registered 10 true']);
  });

  it('tells a failure from an end, and which phase failed', () => {
    const { journal, pass, steps } = journalAt();
    const failed = journal.begin(mycc);
    failed.step('packageKept');
    pass(7);
    failed.fail('no compiler');
    failed.exited({ exitCode: 1, lastLines: [] });
    expect(journal.get('mycc')).toMatchObject({ phase: 'Failed', failure: 'no compiler', exit: { code: 1 } });
    expect(steps).toEqual(['packageKept 0 true', 'built 7 false']);

    const good = journal.begin(mycc);
    good.step('registered');
    good.exited({ exitCode: 137, signal: 'SIGKILL', lastLines: [] });
    expect(journal.get('mycc')).toMatchObject({ phase: 'Stopped', exit: { code: 137, signal: 'SIGKILL' } });
    expect(journal.list().map(({ id }) => id)).toEqual([1, 2]);
  });

  it('keeps the last attempts and the last lines only', () => {
    const { journal } = journalAt();
    for (let i = 0; i < 5; i++) journal.begin({ name: `cc${i}`, version: '1' });
    expect(journal.list().map(({ chaincode }) => chaincode)).toEqual(['cc2', 'cc3', 'cc4']);
    const attempt = journal.attempt('cc4')!;
    for (let i = 0; i < 23; i++) attempt.output(`line ${i}`);
    expect(journal.lines('cc4:1')).toEqual(['line 18', 'line 19', 'line 20', 'line 21', 'line 22']);
    expect(attempt.lines(2)).toEqual(['line 21', 'line 22']);
    expect(journal.lines('nosuch')).toBeUndefined();
  });

  it('keeps no more than it may of a chaincode that prints without end', () => {
    const journal = new LaunchJournal();
    const attempt = journal.begin(mycc);
    for (let i = 0; i < 500; i++) attempt.output(`${i} ${'x'.repeat(i % 2 ? 100_000 : 1_000)}`);
    const kept = journal.lines('mycc')!;
    const chars = kept.reduce((sum, line) => sum + line.length, 0);
    expect(chars).toBeGreaterThan(100 * 1024);
    expect(chars).toBeLessThan(256 * 1024);
    expect(kept.at(-1)).toMatch(/^499 x+…$/);
  });

  it('lets one follow the output until one has seen enough', () => {
    const { journal } = journalAt();
    const attempt = journal.begin(mycc);
    const seen: string[] = [];
    const enough = new AbortController();
    attempt.output('before');
    expect(journal.follow('mycc', (line) => seen.push(line), enough.signal)).toBe(true);
    attempt.output('one');
    enough.abort();
    attempt.output('two');
    expect(seen).toEqual(['one']);
    expect(journal.follow('nosuch', () => undefined, enough.signal)).toBe(false);
  });

  it('follows a transaction to its block', () => {
    const { journal, pass } = journalAt();
    journal.begin(mycc);
    journal.bindTransaction('mycc:1.0', 'tx1');
    journal.bindTransaction('nosuch:1.0', 'tx2');
    for (const step of ['endorsed', 'ordered', 'committed'] as const) {
      pass(5);
      journal.stepOfTransaction('tx1', step);
      journal.stepOfTransaction('tx2', step);
    }
    expect(journal.get('mycc')?.steps).toEqual({ endorsed: 5, ordered: 10, committed: 15 });
  });
});
