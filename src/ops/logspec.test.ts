import { describe, expect, it } from 'vitest';
import { formatLogSpec, isEnabled, levelFor, parseLogSpec } from './logspec.js';

describe('a logging specification', () => {
  it.each([
    ['', 'info'],
    ['debug', 'debug'],
    ['WARNING', 'warn'],
    ['notice', 'info'],
    ['critical', 'error'],
    ['gossip=warn:msp=WARN:info', 'gossip=warn:msp=warn:info'],
    ['msp,gossip=warn', 'gossip=warn:msp=warn:info'],
    ['a.b.=debug:error', 'a.b.=debug:error'],
    ['info:debug', 'debug'],
    ['payload', 'payload'],
  ])('%j reads as %j', (text, normal) => {
    expect(formatLogSpec(parseLogSpec(text))).toBe(normal);
  });

  it.each([
    ['loud', "bad segment 'loud'"],
    ['Info', "bad segment 'Info'"],
    ['=debug', "no logger specified in segment '=debug'"],
    ['a=b=debug', "bad segment 'a=b=debug'"],
    ['a=', "bad segment 'a='"],
    ['.a=debug', "bad logger name '.a'"],
    ['a..=debug', "bad logger name 'a..'"],
    ['a,,b=debug', "bad logger name ''"],
  ])('%j is refused: %s', (text, why) => {
    expect(() => parseLogSpec(text)).toThrow(`invalid logging specification '${text}': ${why}`);
  });

  it('gives a logger the level of its longest named parent, and an exact name only to itself', () => {
    const spec = parseLogSpec('chaincode=debug:chaincode.platform=error:msp.=fatal:warn');
    expect(
      [
        'chaincode',
        'chaincode.accesscontrol',
        'chaincode.platform.golang',
        'msp',
        'msp.cache',
        'chaincodes',
      ].map((name) => levelFor(spec, name)),
    ).toEqual(['debug', 'debug', 'error', 'fatal', 'warn', 'warn']);
  });

  it('orders the levels', () => {
    expect(isEnabled('warn', 'error')).toBe(true);
    expect(isEnabled('warn', 'info')).toBe(false);
  });
});
