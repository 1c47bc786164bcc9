import type { LaunchesNews, LaunchRow } from '../viewTypes.js';
import { Connection } from './connection.js';
import { el, setText } from './dom.js';
import type { Frame } from './frame.js';
import { inOrder, listingOf, queryOf, sortings, withText, type Listing } from './listing.js';
import { PhaseChips } from './phaseChips.js';
import { columns, TableRow } from './tableRow.js';
import { ServerClock } from './time.js';

/** Lines that are added at a time: the rest of thousands is made when somebody scrolls to it. */
const portion = 100;
const sortingTitles = { attention: 'failed first', newest: 'newest first', name: 'by name' } as const;

export function showTable(frame: Frame): void {
  const page = new TablePage();
  frame.main.append(...page.elements);
  new Connection({
    event: 'launches',
    onNews: (data) => page.take(JSON.parse(data) as LaunchesNews),
    onState: (state) => {
      page.clock.set(state.now);
      frame.state(state);
    },
    onLink: (link) => frame.link(link),
  });
}

/** The live table of all launches. */
class TablePage {
  readonly clock = new ServerClock();
  readonly #rows = new Map<string, LaunchRow>();
  readonly #lines = new Map<string, TableRow>();
  readonly #body = el('tbody', {});
  readonly #count = el('p', { class: 'count', role: 'status' }, 'Waiting for the launches…');
  readonly #more = el('button', { type: 'button', class: 'more', hidden: '' });
  readonly #text = el('input', {
    type: 'search',
    placeholder: 'Filter: name, peer, channel, node, reason …',
    'aria-label': 'Filter launches',
    autocomplete: 'off',
    spellcheck: 'false',
  });
  readonly #sorting = el('select', { 'aria-label': 'Order' });
  readonly #chips = new PhaseChips((phases) => this.#choose({ ...this.#listing, phases }));
  #listing: Listing = listingOf(new URLSearchParams(location.search));
  #most = portion;
  #drawing = false;
  #loaded = false;

  constructor() {
    this.#text.value = this.#listing.text;
    this.#sorting.append(...sortings.map((each) => el('option', { value: each }, sortingTitles[each])));
    this.#sorting.value = this.#listing.sorting;
    this.#text.addEventListener('input', () =>
      this.#choose({ ...this.#listing, text: this.#text.value.trim() }),
    );
    this.#sorting.addEventListener('change', () => {
      const sorting = sortings.find((each) => each === this.#sorting.value) ?? 'attention';
      this.#choose({ ...this.#listing, sorting });
    });
    this.#more.addEventListener('click', () => this.#showMore());
    // Who scrolls to the end need not press it.
    new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) this.#showMore();
      },
      { rootMargin: '600px' },
    ).observe(this.#more);
    setInterval(() => this.#tick(), 1000);
  }

  get elements(): HTMLElement[] {
    const head = el(
      'tr',
      {},
      ...columns.map((column) => el('th', { scope: 'col', 'data-column': column }, column)),
    );
    const caption = el('caption', {}, 'Launches');
    return [
      el('div', { class: 'tools', role: 'search' }, this.#text, el('label', {}, 'Order ', this.#sorting)),
      this.#chips.element,
      this.#count,
      el('table', { class: 'launches' }, caption, el('thead', {}, head), this.#body),
      this.#more,
    ];
  }

  take({ full, launches, gone, state }: LaunchesNews): void {
    this.clock.set(state.now);
    const before = new Map(this.#rows);
    if (full) this.#rows.clear();
    for (const row of launches) this.#rows.set(row.key, unlessSame(row, before.get(row.key)));
    for (const key of gone) this.#rows.delete(key);
    this.#loaded = true;
    this.#draw();
  }

  #choose(listing: Listing): void {
    this.#listing = listing;
    this.#most = portion;
    const query = queryOf(listing);
    history.replaceState(null, '', `${location.pathname}${query}`);
    this.#draw();
  }

  #showMore(): void {
    if (this.#more.hidden) return;
    this.#most += portion;
    this.#draw();
  }

  /** With the next frame, however much comes until then. */
  #draw(): void {
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => {
      this.#drawing = false;
      this.#drawNow();
    });
  }

  #drawNow(): void {
    if (!this.#loaded) return;
    const matching = withText(this.#rows.values(), this.#listing.text);
    this.#chips.update(matching, this.#listing.phases);
    const ordered = inOrder(matching, this.#listing);
    this.#place(ordered.slice(0, this.#most));
    setText(this.#count, countText(ordered.length, this.#rows.size));
    const left = ordered.length - this.#most;
    this.#more.hidden = left <= 0;
    setText(this.#more, `Show more (${left} left)`);
  }

  /** Brings the lines into this order and moves only what is elsewhere. */
  #place(rows: readonly LaunchRow[]): void {
    const now = this.clock.now();
    const wanted = new Set(rows.map(({ key }) => key));
    for (const [key, line] of this.#lines) {
      if (wanted.has(key)) continue;
      line.element.remove();
      this.#lines.delete(key);
    }
    const focused = document.activeElement;
    let at = this.#body.firstElementChild;
    for (const row of rows) {
      const line = this.#lineOf(row);
      line.tick(now);
      if (line.element === at) at = at.nextElementSibling;
      else this.#body.insertBefore(line.element, at);
    }
    // A line that was moved has lost it.
    if (focused instanceof HTMLElement && this.#body.contains(focused))
      focused.focus({ preventScroll: true });
  }

  #lineOf(row: LaunchRow): TableRow {
    const known = this.#lines.get(row.key);
    if (known) {
      if (known.update(row)) flash(known.element);
      return known;
    }
    const line = new TableRow(row);
    this.#lines.set(row.key, line);
    return line;
  }

  #tick(): void {
    const now = this.clock.now();
    for (const line of this.#lines.values()) line.tick(now);
  }
}

/** The row that is known already, if the new one says nothing else: its line need not be made anew. */
function unlessSame(row: LaunchRow, known: LaunchRow | undefined): LaunchRow {
  return known && JSON.stringify(known) === JSON.stringify(row) ? known : row;
}

function countText(shown: number, all: number): string {
  if (all === 0) return 'No launches yet. The first instantiate or invoke makes one.';
  if (shown === all) return `${all} ${all === 1 ? 'launch' : 'launches'}`;
  return shown === 0 ? `None of ${all} launches matches.` : `${shown} of ${all} launches`;
}

function flash(element: HTMLElement): void {
  element.classList.remove('changed');
  requestAnimationFrame(() => element.classList.add('changed'));
}
