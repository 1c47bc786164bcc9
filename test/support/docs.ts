import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

export const repositoryRoot = resolve(import.meta.dirname, '../..');

/** One page for people. */
export interface Page {
  /** Relative to the repository, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** README.md, CONTRIBUTING.md and everything below docs/. */
export function pages(): Page[] {
  const below = readdirSync(join(repositoryRoot, 'docs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) => relative(repositoryRoot, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
  const top = readdirSync(repositoryRoot).filter((name) => ['README.md', 'CONTRIBUTING.md'].includes(name));
  return [...top, ...below.sort()].map((path) => ({
    path,
    text: readFileSync(join(repositoryRoot, path), 'utf8'),
  }));
}

/** A page without code blocks and code spans: nothing in them is a link or a heading. */
export function prose(text: string): string {
  return withoutBlocks(text).replaceAll(/`[^`\n]*`/g, '');
}

/** What a page shows as code: blocks, also indented ones, and spans. */
export function code(text: string): string[] {
  const fenced = [...text.matchAll(/^```.*\n([\s\S]*?)^```/gm)].map(([, body = '']) => body);
  const rest = withoutBlocks(text);
  const indented = [...rest.matchAll(/^ {4,}(.*)$/gm)].map(([, line = '']) => line);
  const spans = [...rest.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
  return [...fenced.flatMap((body) => body.split('\n')), ...indented, ...spans];
}

/** The anchors that GitHub gives a page's headings. */
export function anchors(text: string): Set<string> {
  const seen = new Map<string, number>();
  const found = new Set<string>();
  for (const [, title = ''] of withoutBlocks(text).matchAll(/^#{1,6} +(.+?)\s*$/gm)) {
    const slug = title
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-');
    const before = seen.get(slug) ?? 0;
    seen.set(slug, before + 1);
    found.add(before === 0 ? slug : `${slug}-${before}`);
  }
  return found;
}

function withoutBlocks(text: string): string {
  return text.replaceAll(/^```.*\n[\s\S]*?^```/gm, '');
}
