import { describe, expect, it } from 'vitest';
import { parseCtor, parseTransient } from './input.js';

const texts = (args: readonly Uint8Array[]): string[] => args.map((arg) => Buffer.from(arg).toString());

describe('the -c flag', () => {
  it.each([
    ['{"Args":["put","a","1"]}', ['put', 'a', '1']],
    ['{"Function":"put","Args":["a","1"]}', ['put', 'a', '1']],
    ['{"function":"put","args":["a"]}', ['put', 'a']],
    ['{"Args":[]}', []],
    ['{"Args":["\\u00e9 \\ud83d\\ude00"]}', ['é 😀']],
  ])('%s is the arguments %j', (text, args) => {
    expect(texts(parseCtor(text))).toEqual(args);
  });

  it.each([
    [
      '{}',
      "empty JSON chaincode parameters must contain the following keys: 'Args' or 'Function' and 'Args'",
    ],
    [
      '{"Foo":["a"]}',
      "non-empty JSON chaincode parameters must contain the following keys: 'Args' or 'Function' and 'Args'",
    ],
    [
      '{"Function":"f"}',
      "non-empty JSON chaincode parameters must contain the following keys: 'Args' or 'Function' and 'Args'",
    ],
    ['{bad', "chaincode argument error: invalid character 'b' looking for beginning of object key string"],
  ])('%s is refused', (text, why) => {
    expect(() => parseCtor(text)).toThrow(why);
  });
});

describe('the --transient flag', () => {
  it('is a map of base64 values', () => {
    const map = parseTransient('{"price":"OTA=","note":""}');
    expect([...map].map(([key, value]) => [key, Buffer.from(value).toString()])).toEqual([
      ['price', '90'],
      ['note', ''],
    ]);
  });

  it.each([
    ['bad', "error parsing transient string: invalid character 'b' looking for beginning of value"],
    ['{"v":"*"}', 'error parsing transient string: illegal base64 data at input byte 0'],
    ['{"v":"OTA"}', 'error parsing transient string: illegal base64 data at input byte 0'],
    ['{"v":"OTA=*"}', 'error parsing transient string: illegal base64 data at input byte 3'],
  ])('%s is refused', (text, why) => {
    expect(() => parseTransient(text)).toThrow(why);
  });
});
