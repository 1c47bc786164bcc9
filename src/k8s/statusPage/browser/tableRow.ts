import type { LaunchRow } from '../viewTypes.js';
import { badge, el, pageOf, setText } from './dom.js';
import { sinceOf, tookMs } from './listing.js';
import { age, duration } from './time.js';

export const columns = ['Phase', 'Chaincode', 'Endorser', 'Took', 'Age', 'Try', 'Pod', 'Why'] as const;

/** One line of the table. It is made once and then only changed where it differs. */
export class TableRow {
  readonly element = el('tr', {});
  readonly #cells = columns.map((column) => el('td', { 'data-column': column }));
  #row: LaunchRow;

  constructor(row: LaunchRow) {
    this.#row = row;
    this.element.dataset['key'] = row.key;
    this.element.append(...this.#cells);
    this.#fill();
  }

  /** Returns whether anything is different. */
  update(row: LaunchRow): boolean {
    if (row === this.#row) return false;
    const focused = this.element.contains(document.activeElement);
    this.#row = row;
    this.#fill();
    if (focused) this.element.querySelector('a')?.focus();
    return true;
  }

  /** Ages count up. @param now the server's time in ms */
  tick(now: number): void {
    const [, , , took, old] = this.#cells;
    const ms = tookMs(this.#row, now);
    if (took) setText(took, ms === undefined ? '–' : duration(ms));
    const since = sinceOf(this.#row);
    if (old) setText(old, since === '' ? '–' : age(now - Date.parse(since)));
  }

  #fill(): void {
    const [phase, chaincode, endorser, , old, attempt, pod, why] = this.#cells;
    const row = this.#row;
    const link = el('a', { href: pageOf(row.namespace, row.name) }, `${row.chaincode}:${row.version}`);
    const marks = row.marks.map((mark) => el('span', { class: 'mark' }, mark));
    phase?.replaceChildren(badge(row.phase), ...marks);
    chaincode?.replaceChildren(link, small(row.key));
    endorser?.replaceChildren(
      row.peer,
      small(row.channel === undefined ? row.mspId : `${row.mspId} · ${row.channel}`),
    );
    endorser?.setAttribute('title', row.peer);
    pod?.setAttribute('title', row.pod ?? '');
    attempt?.replaceChildren(String(row.attempt));
    pod?.replaceChildren(row.pod ?? '–', ...(row.node === undefined ? [] : [small(row.node)]));
    why?.replaceChildren(...reasonOf(row));
    old?.setAttribute('title', `since ${sinceOf(row)}`);
  }
}

function reasonOf({ phase, reason, message }: LaunchRow): (Node | string)[] {
  // A launch that is well says nothing that its phase does not.
  if (phase === 'Ready' && reason === 'Registered') return [];
  return [el('span', { class: 'reason' }, reason), small(message)];
}

function small(text: string): HTMLElement {
  return el('small', { title: text }, text);
}
