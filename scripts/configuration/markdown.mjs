// Small parts of a Markdown page.
import { stringify } from 'yaml';

/** A table; a `|` in a cell would end it. */
export function table(head, rows) {
  const line = (cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

export const code = (text) => `\`${text}\``;

/** A default as it is written in YAML; nothing where it is empty. */
export function shownDefault(value) {
  if (value === undefined || value === null || value === '') return '';
  if (typeof value === 'object' && Object.keys(value).length === 0) return '';
  return code(typeof value === 'string' ? value : inOneLine(value));
}

function inOneLine(value) {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0, singleQuote: true }).trim();
}
