import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { anchors, code, pages, prose, repositoryRoot, type Page } from '../support/docs.js';

const all = pages();

/** Links and pictures of a page that lead into this repository. */
function targets({ text }: Page): string[] {
  const found = [
    ...prose(text).matchAll(/\]\(([^)\s]+)\)/g),
    ...prose(text).matchAll(/<(?:img|a)\b[^>]*(?:src|href)="([^"]+)"/g),
  ].map(([, target = '']) => target);
  return [...new Set(found)].filter((target) => !/^[a-z]+:/.test(target));
}

/** Why a link leads nowhere; undefined when it leads somewhere. */
function fault(page: Page, target: string): string | undefined {
  const [file = '', anchor] = target.split('#', 2);
  const path = file === '' ? page.path : normalize(join(dirname(page.path), file));
  if (path.startsWith('..') || !existsSync(join(repositoryRoot, path))) return `${target}: no such file`;
  if (anchor === undefined) return undefined;
  return anchors(readFileSync(join(repositoryRoot, path), 'utf8')).has(anchor)
    ? undefined
    : `${target}: no such heading`;
}

const makeTargets = new Set(
  [...readFileSync(join(repositoryRoot, 'Makefile'), 'utf8').matchAll(/^([a-z][a-z0-9-]*):/gm)].map(
    ([, target]) => target,
  ),
);

describe.each(all)('$path', (page) => {
  it('has only links that lead to a file and a heading', () => {
    expect(targets(page).flatMap((target) => fault(page, target) ?? [])).toEqual([]);
  });

  it('names only make targets that there are', () => {
    const named = code(page.text).flatMap((line) =>
      [...line.matchAll(/(?:^|&& |; |\$ )make(?! sure\b)((?: +[a-z][a-z0-9-]*)+)/g)].flatMap(
        ([, words = '']) => words.trim().split(/ +/),
      ),
    );
    expect(named.filter((target) => !makeTargets.has(target))).toEqual([]);
  });
});

describe('docs/README.md', () => {
  it('names every page', () => {
    const index = all.find(({ path }) => path === 'docs/README.md');
    const named = index ? targets(index).map((target) => target.split('#', 1)[0]) : [];
    const there = all.map(({ path }) => /^docs\/([^/]+\.md)$/.exec(path)?.[1] ?? '').filter(Boolean);
    expect(there.filter((name) => name !== 'README.md' && !named.includes(name))).toEqual([]);
  });
});

describe('docs/troubleshooting.md', () => {
  it('has a heading for each alert', () => {
    const file = parse(readFileSync(join(repositoryRoot, 'deploy/monitoring/alerts.yaml'), 'utf8')) as {
      groups: { rules: { alert: string }[] }[];
    };
    const { text = '' } = all.find(({ path }) => path === 'docs/troubleshooting.md') ?? {};
    const headings = [...text.matchAll(/^### .+$/gm)].map(([heading]) => heading);
    const alerts = file.groups.flatMap(({ rules }) => rules.map(({ alert }) => `### ${alert}`));
    expect(alerts.length).toBeGreaterThan(10);
    expect(alerts.filter((alert) => !headings.includes(alert))).toEqual([]);
  });
});
