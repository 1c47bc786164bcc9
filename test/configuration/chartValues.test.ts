import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const chart = resolve(import.meta.dirname, '../../deploy/helm/chaincode-launcher');
const schema = JSON.parse(readFileSync(`${chart}/values.schema.json`, 'utf8')) as Schema;
const values: unknown = parse(readFileSync(`${chart}/values.yaml`, 'utf8'));

interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** Properties by dotted name; core.yaml and Pods, which users write into an empty value, count as one. */
function properties(part: Schema, prefix = ''): [string, Schema][] {
  return Object.entries(part.properties ?? {}).flatMap(([name, child]) => {
    const key = prefix === '' ? name : `${prefix}.${name}`;
    const definition = child.$ref?.split('/').at(-1) ?? '';
    if (definition === 'core' || definition === 'pod') return [[key, child] as [string, Schema]];
    const resolved = { ...schema.$defs?.[definition], ...child };
    return [[key, resolved] as [string, Schema], ...properties(resolved, key)];
  });
}

const known = new Map(properties(schema));

/** Keys of values.yaml by dotted name, as deep as the schema has properties. */
function keys(value: unknown, prefix = ''): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  if (prefix !== '' && !known.get(prefix)?.properties) return [];
  return Object.entries(value).flatMap(([name, child]) => {
    const key = prefix === '' ? name : `${prefix}.${name}`;
    return [key, ...keys(child, key)];
  });
}

const written = new Set(keys(values));

const validate = new Ajv2020({ strict: false, allErrors: true }).compile(schema);

describe('values.yaml and values.schema.json', () => {
  it('agree: every default is allowed', () => {
    expect(validate(values) || validate.errors).toBe(true);
  });

  it('refuse keys of core.yaml that there are not', () => {
    expect(
      validate({ endorser: { config: { vm: { kubernets: {} }, chaincode: { startuptimeout: '5' } } } }),
    ).toBe(false);
    expect(validate.errors?.map(({ instancePath, keyword }) => [instancePath, keyword])).toEqual([
      ['/endorser/config/vm', 'additionalProperties'],
      ['/endorser/config/chaincode/startuptimeout', 'pattern'],
    ]);
  });

  it('know the same values', () => {
    expect([...written].filter((key) => !known.has(key))).toEqual([]);
  });

  it('leave nothing out of values.yaml without saying why', () => {
    const silent = [...known].filter(
      ([key, { description }]) => !written.has(key) && !/not in values\.yaml/.test(description ?? ''),
    );
    expect(silent.map(([key]) => key)).toEqual([]);
  });

  it('describe every value in a sentence', () => {
    const silent = [...known].filter(([, { description }]) => !/^[A-Z`h].*[.…)]$/.test(description ?? ''));
    expect(silent.map(([key]) => key)).toEqual([]);
  });
});
