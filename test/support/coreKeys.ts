import { coreSchema } from '../../src/config/schema/core.js';
import { leaves, type Shape } from '../../src/config/shape.js';

/** Every key of core.yaml with its part of the schema. */
export const coreKeys: ReadonlyMap<string, Shape> = leaves(coreSchema as unknown as Shape);

/** Keys that are accepted and never read. */
export const unusedKeys = [...coreKeys].filter(([, shape]) => shape['x-unused']).map(([key]) => key);

/** Texts with a meaning of their own, for which any other text counts as the default. */
const meaningful: Readonly<Record<string, string>> = {
  'chaincode.keepalive': '7',
  'chaincode.logging.level': 'debug',
  'chaincode.logging.shim': 'debug',
};

/** A value that a key may have and that is not its default. */
export function otherValue(key: string, shape: Shape): unknown {
  if (shape.enum) return shape.enum.find((word) => word !== shape.default) ?? shape.enum[0];
  switch (shape.type) {
    case 'boolean':
      return shape.default !== true;
    case 'integer':
      return 7;
    case 'array':
      return ['other'];
    case 'object':
      return { other: 'true' };
    case 'string':
      return shape.format === 'duration' ? '77s' : (meaningful[key] ?? 'other');
    default:
      return { other: true };
  }
}

/** `a.b` and 1 → { a: { b: 1 } }. */
export function nested(key: string, value: unknown): Record<string, unknown> {
  return key.split('.').reduceRight<unknown>((inner, part) => ({ [part]: inner }), value) as Record<
    string,
    unknown
  >;
}
