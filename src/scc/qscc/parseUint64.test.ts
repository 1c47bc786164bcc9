import { expect, it } from 'vitest';
import { parseUint64 } from './parseUint64.js';

it('reads decimal numbers up to 64 bits', () => {
  expect(parseUint64('0')).toBe(0n);
  expect(parseUint64('0000000000000000000000012')).toBe(12n);
  expect(parseUint64('18446744073709551615')).toBe(2n ** 64n - 1n);
});

it.each([
  ['', 'strconv.ParseUint: parsing "": invalid syntax'],
  ['-1', 'strconv.ParseUint: parsing "-1": invalid syntax'],
  ['0x1', 'strconv.ParseUint: parsing "0x1": invalid syntax'],
  ['18446744073709551616', 'strconv.ParseUint: parsing "18446744073709551616": value out of range'],
])("refuses '%s' in Go's words", (text, message) => {
  expect(() => parseUint64(text)).toThrow(message);
});

it('does not turn a long text into a number', () => {
  const began = performance.now();
  expect(() => parseUint64('9'.repeat(1_000_000))).toThrow('value out of range');
  expect(performance.now() - began).toBeLessThan(1_000);
});
