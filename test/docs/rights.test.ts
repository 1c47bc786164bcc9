import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { repositoryRoot } from '../support/docs.js';

interface Role {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly rules: readonly {
    readonly resources: readonly string[];
    readonly resourceNames?: readonly string[];
    readonly verbs: readonly string[];
  }[];
}

const read = (path: string): string => readFileSync(join(repositoryRoot, path), 'utf8');

/** What a rule covers, in the words of the table. */
function covered({ resources, resourceNames }: Role['rules'][number]): string {
  const names: Readonly<Record<string, string>> = {
    deployments: ' of its own name',
    statefulsets: ' of its own name',
    leases: ' of the name `chaincode-launcher`',
    secrets: ' of the name `‹release›-client`',
  };
  return `\`${resources.join(', ')}\`${resourceNames ? (names[resources[0] ?? ''] ?? ' of some names') : ''}`;
}

/** The rules of the Roles and ClusterRoles of a manifest that is made from the chart. */
function rules(manifest: string): string[] {
  return parseAllDocuments(read(manifest))
    .map((document) => document.toJS() as Role)
    .filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole')
    .flatMap(({ metadata, rules: all }) =>
      all.map((rule) =>
        [
          metadata.name.includes('operator') ? 'operator' : 'endorser',
          covered(rule),
          rule.verbs.join(', '),
        ].join(' | '),
      ),
    );
}

/** The table of docs/security.md; where it says in which case alone a right is given is left out. */
const table = [
  ...read('docs/security.md').matchAll(
    /^\| (operator|endorser)(, [^|]+only)? +\| (`[^|]+?) +\| ([a-z, ]+?) +\|$/gm,
  ),
].map(([, who, _only, what, verbs]) => [who, what, verbs].join(' | '));

describe('docs/security.md', () => {
  it('lists the rights of the trial, and the log that attachStdout wants', () => {
    const wanted = [...rules('deploy/manifests/trial.yaml'), 'endorser | `pods/log` | get'];
    expect([...table].sort()).toEqual(wanted.sort());
  });

  it('gives an operator of all namespaces the same rights', () => {
    const own = table.filter((row) => row.startsWith('operator'));
    expect(rules('deploy/manifests/operator-all-namespaces.yaml').sort()).toEqual(own.sort());
  });
});
