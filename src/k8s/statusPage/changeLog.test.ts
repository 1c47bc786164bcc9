import { describe, expect, it } from 'vitest';
import { ChangeLog } from './changeLog.js';

describe('the log of changes', () => {
  it('names each launch once, however often it changed', () => {
    const log = new ChangeLog();
    for (const key of ['a', 'b', 'a']) log.add(key);
    expect(log.since(0)).toEqual(['b', 'a']);
    expect(log.since(2)).toEqual(['a']);
    expect(log.since(3)).toEqual([]);
  });

  it('says that all must be sent once it has forgotten', () => {
    const log = new ChangeLog(2);
    for (const key of ['a', 'b', 'c']) log.add(key);
    expect(log.since(0)).toBeUndefined();
    expect(log.since(1)).toEqual(['b', 'c']);
  });

  it('knows its own ids and no others', () => {
    const log = new ChangeLog();
    log.add('a');
    expect(log.numberOf(log.idOf(1))).toBe(1);
    expect(log.numberOf(log.idOf(2))).toBeUndefined();
    expect(log.numberOf(new ChangeLog().idOf(0))).toBeUndefined();
    expect(log.numberOf('nonsense')).toBeUndefined();
  });
});
