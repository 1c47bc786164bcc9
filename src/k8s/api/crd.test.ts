import { describe, expect, it } from 'vitest';
import { launchCrd } from './crd.js';

/** Every node of the schema with its path. */
function* nodes(node: unknown, path = ''): Generator<readonly [string, Record<string, unknown>]> {
  if (typeof node !== 'object' || node === null) return;
  yield [path, node as Record<string, unknown>];
  for (const [key, value] of Object.entries(node)) {
    if (key === 'properties')
      for (const [name, child] of Object.entries(value as object)) yield* nodes(child, `${path}.${name}`);
    if (key === 'items' || key === 'additionalProperties') yield* nodes(value, `${path}[]`);
  }
}

const crd = launchCrd() as { spec: { versions: [{ schema: { openAPIV3Schema: object } }] } };
const schema = [...nodes(crd.spec.versions[0].schema.openAPIV3Schema)];

describe('the CustomResourceDefinition', () => {
  it('is structural: a type everywhere, none of the words that the API server refuses', () => {
    const refused = [
      '$ref',
      '$schema',
      'patternProperties',
      'const',
      'oneOf',
      'definitions',
      'additionalItems',
    ];
    for (const [path, node] of schema) {
      if (path !== '' && node['x-kubernetes-int-or-string'] !== true)
        expect([path, typeof node['type']]).toEqual([path, 'string']);
      expect([path, refused.filter((word) => word in node)]).toEqual([path, []]);
      expect([path, 'properties' in node && 'additionalProperties' in node]).toEqual([path, false]);
    }
  });

  it('describes every field, so that kubectl explain reads well', () => {
    const bare = schema.filter(
      ([path, node]) => /^\.(spec|status)/.test(path) && !path.endsWith('[]') && !node['description'],
    );
    expect(bare.map(([path]) => path)).toEqual([]);
  });

  it('does not demand what has a default', () => {
    for (const [path, node] of schema) {
      const properties = (node['properties'] ?? {}) as Record<string, object>;
      const wrong = ((node['required'] ?? []) as string[]).filter(
        (name) => 'default' in (properties[name] ?? {}),
      );
      expect([path, wrong]).toEqual([path, []]);
    }
  });
});
