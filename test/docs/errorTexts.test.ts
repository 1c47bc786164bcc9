import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../support/docs.js';

const page = readFileSync(join(repositoryRoot, 'docs/troubleshooting.md'), 'utf8');
const section = page.slice(page.indexOf('\n# By error text\n'), page.indexOf('\n# Alerts\n'));

/** The texts that the tables quote in their first column, where the chapter on reasons has none. */
const texts = section
  .replace(/^## Reasons of a launch\n[\s\S]*?(?=^## )/m, '')
  .split('\n')
  .flatMap((line) => [...(/^\| (`.*?) \|/.exec(line)?.[1] ?? '').matchAll(/(?:^|also )`([^`]+)`/g)])
  .map(([, text = '']) => text);

/** What is the same in every such error: between placeholders, and on both sides of a colon, where errors are joined. */
function constantParts(text: string): string[] {
  return text
    .split(/‹[^›]*›|…|: /)
    .map((part) => part.replace(/^[\s:,]+|[\s:,]+$/g, ''))
    .filter((part) => /[a-z]{3}/i.test(part));
}

/** All of the program's code, and the chart's templates, as their texts read when they are printed. */
const source = ['src', 'deploy/helm/chaincode-launcher/templates']
  .flatMap((folder) =>
    readdirSync(join(repositoryRoot, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(ts|tpl|yaml)$/.test(entry.name))
      .filter((entry) => !entry.name.endsWith('.test.ts'))
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')),
  )
  .join('\n')
  .replaceAll(/\\(['"`])/g, '$1');

describe('docs/troubleshooting.md, by error text', () => {
  it('quotes at least 100 texts, none of them twice', () => {
    expect(texts.length).toBeGreaterThanOrEqual(100);
    expect(texts.filter((text, index) => texts.indexOf(text) !== index)).toEqual([]);
  });

  it.each(texts)('quotes what the program says: %s', (text) => {
    const parts = constantParts(text);
    expect(parts.join('').length, 'so little of it is constant that it proves nothing').toBeGreaterThan(9);
    const unknown = parts.filter((part) => !source.includes(part));
    expect(unknown, 'no source says this any more: correct the text in docs/troubleshooting.md').toEqual([]);
  });
});
