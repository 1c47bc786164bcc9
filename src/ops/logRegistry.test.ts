import { describe, expect, it } from 'vitest';
import { LogRegistry } from './logRegistry.js';

async function recording(spec: string): Promise<{ logs: LogRegistry; lines: () => unknown[] }> {
  const written: string[] = [];
  const logs = await LogRegistry.create({ spec, destination: { write: (line) => written.push(line) } });
  return { logs, lines: () => written.map((line) => JSON.parse(line) as unknown) };
}

describe('the log registry', () => {
  it('writes JSON with the logger, the level and the time', async () => {
    const { logs, lines } = await recording('info');
    logs.logger('endorser').info({ txid: 'ab' }, 'endorsed');
    logs.logger('endorser').debug('not shown');
    expect(lines()).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/Z$/) as string,
        logger: 'endorser',
        txid: 'ab',
        msg: 'endorsed',
      },
    ]);
  });

  it('changes levels while running, for children that parts have made too', async () => {
    const { logs, lines } = await recording('error');
    const child = logs.logger('chaincode').child({ channel: 'c' });
    child.info('too early');
    logs.setSpec('chaincode=debug:error');
    child.debug('now');
    logs.logger('msp').info('still quiet');
    expect(lines()).toMatchObject([{ channel: 'c', msg: 'now' }]);
    expect(() => logs.setSpec('nonsense')).toThrow('bad segment');
    expect(logs.spec()).toBe('chaincode=debug:error');
  });

  it('writes lines for people when asked to', async () => {
    const written: string[] = [];
    const logs = await LogRegistry.create({
      pretty: true,
      destination: { write: (line) => written.push(line) },
    });
    logs.logger('lscc').warn('look here');
    expect(written.join('')).toMatch(/WARN.*\[lscc\] look here/);
  });
});
