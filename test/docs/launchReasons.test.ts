import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { explanation } from '../../src/cli/cluster/explain.js';
import { exampleLaunches } from '../support/exampleLaunches.js';
import { repositoryRoot } from '../support/docs.js';

const page = readFileSync(join(repositoryRoot, 'docs/troubleshooting.md'), 'utf8');
const [onTheWay = [], atTheEnd = []] = (/^## Reasons of a launch\n([\s\S]*?)^## /m.exec(page)?.[1] ?? '')
  .split('| At its end')
  .map((table) =>
    [...table.matchAll(/^\| (`.*?) +\|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`(\w+)`/g)].map(([, reason = '']) => reason),
    ),
  );

const folder = join(repositoryRoot, 'src/k8s/operator');
const source = readdirSync(folder)
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => readFileSync(join(folder, name), 'utf8'))
  .join('\n');

/** Every word that the operator gives as a reason of a launch or its Pod. */
function given(): string[] {
  const words = (text: string): string[] => [...text.matchAll(/'([A-Z]\w+)'/g)].map(([, word = '']) => word);
  const found = [
    ...source.matchAll(/\breason: [^,\n]*'[A-Z]\w+'/g),
    ...source.matchAll(/hopelessTrouble\([^,]*'[A-Z]\w+'/g),
    ...source.matchAll(/const (?:hopeless|pulling|lostReasons) = new Set\(\[[^\]]*\]/g),
  ];
  return [...new Set(found.flatMap(([text]) => words(text)))];
}

describe('the reasons of a launch in docs/troubleshooting.md', () => {
  it('are all those that the operator gives', () => {
    const listed = [...onTheWay, ...atTheEnd];
    expect(given().length).toBeGreaterThan(25);
    expect(given().filter((reason) => !listed.includes(reason))).toEqual([]);
  });

  it.each(atTheEnd.filter((reason) => reason !== 'Suspended'))('come with advice: %s', (reason) => {
    const [launch] = exampleLaunches();
    const failed = { ...launch!, status: { ...launch!.status!, phase: 'Failed', reason } as const };
    expect(explanation(failed).advice).not.toEqual([]);
  });
});
