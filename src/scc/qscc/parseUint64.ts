import { LauncherError } from '../../errors.js';

/** Go's strconv.ParseUint(text, 10, 64), with its error texts. */
export function parseUint64(text: string): bigint {
  const failed = (why: string): LauncherError =>
    new LauncherError(`strconv.ParseUint: parsing ${JSON.stringify(text)}: ${why}`);
  if (!/^[0-9]+$/.test(text)) throw failed('invalid syntax');
  // Without leading zeros 20 digits are enough for 64 bits: a longer text is not turned into a number.
  const digits = text.replace(/^0+(?=.)/, '');
  const value = digits.length > 20 ? undefined : BigInt(digits);
  if (value === undefined || value >= 2n ** 64n) throw failed('value out of range');
  return value;
}
