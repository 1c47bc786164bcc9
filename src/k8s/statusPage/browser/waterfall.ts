import type { Bar } from '../viewTypes.js';
import { el, setText } from './dom.js';
import { duration } from './time.js';

/** Per cent of the width for the way to the registration; what comes after it may be days, and gets the rest. */
const shareBeforeReady = 86;

const meanings: Readonly<Record<string, string>> = {
  Pending: 'the Pod is waited for',
  Building: 'the package is built',
  Scheduling: 'a node is looked for',
  Starting: 'images pulled, containers started',
  Registering: 'the chaincode runs, not registered',
  Warm: 'prewarmed, waits for a chaincode',
  Ready: 'registered with the endorser',
};

const endings = { done: '', running: '', failed: 'failed here', stopped: 'ended here' } as const;

/** The phases of an attempt as bars one below the other, each beginning where the last one ended. */
export class Waterfall {
  readonly element = el('section', { class: 'waterfall', 'aria-label': 'Timeline' });
  readonly #total = el('p', { class: 'total' });
  readonly #marks = Array.from({ length: 5 }, () => el('span', {}));
  readonly #axis = el('div', { class: 'axis', 'aria-hidden': 'true' }, ...this.#marks);
  readonly #list = el('ol', {});
  #bars: readonly Bar[] = [];
  #begun = 0;
  #lines: Line[] = [];

  constructor() {
    this.element.append(el('h2', {}, 'Timeline'), this.#total, this.#axis, this.#list);
  }

  /** @param begun when the attempt began, in ms */
  update(bars: readonly Bar[], begun: number, now: number): void {
    this.#bars = bars;
    this.#begun = begun;
    this.#lines = bars.map((bar) => new Line(bar));
    this.#list.replaceChildren(...this.#lines.map(({ element }) => element));
    this.tick(now);
  }

  /** What goes on grows. @param now the server's time in ms */
  tick(now: number): void {
    const elapsed = Math.max(0, now - this.#begun);
    const launching = launchTime(this.#bars, elapsed);
    const scale = Math.max(1, launching);
    const share = this.#bars.some(({ phase }) => phase === 'Ready') ? shareBeforeReady : 100;
    for (const line of this.#lines) line.draw(scale, share, elapsed);
    setText(this.#total, totalText(this.#bars, launching));
    this.element.style.setProperty('--quarter', `${share / 4}%`);
    this.#marks.forEach((mark, at) => {
      mark.style.left = `${(share * at) / 4}%`;
      setText(mark, duration((scale * at) / 4));
    });
  }
}

/** One phase. */
class Line {
  readonly element: HTMLLIElement;
  readonly #bar: Bar;
  readonly #block = el('span', { class: 'block' });
  readonly #time = el('span', { class: 'time' });

  constructor(bar: Bar) {
    this.#bar = bar;
    const { phase, state } = bar;
    const label = el('span', { class: 'label' }, el('b', {}, phase), el('small', {}, meanings[phase] ?? ''));
    const track = el('span', { class: 'track', 'aria-hidden': 'true' }, this.#block);
    this.element = el('li', { 'data-phase': phase, 'data-state': state }, label, track, this.#time);
  }

  /** @param scale ms that the share of the width (per cent) stands for */
  draw(scale: number, share: number, elapsed: number): void {
    const { from, to = Math.max(from, elapsed), state, phase } = this.#bar;
    const after = phase === 'Ready';
    const left = (from / scale) * share;
    const width = after ? 100 - left : ((to - from) / scale) * share;
    this.#block.style.left = `${left.toFixed(3)}%`;
    this.#block.style.width = `${Math.max(0, Math.min(width, 100 - left)).toFixed(3)}%`;
    const ending = endings[state] === '' ? '' : `, ${endings[state]}`;
    setText(this.#time, `${duration(to - from)}${state === 'running' ? ' so far' : ''}${ending}`);
  }
}

/** How long the way to the registration was, or has been so far. */
function launchTime(bars: readonly Bar[], elapsed: number): number {
  const ready = bars.find(({ phase }) => phase === 'Ready');
  if (ready) return ready.from;
  const last = bars.at(-1);
  return last ? (last.to ?? Math.max(last.from, elapsed)) : 0;
}

function totalText(bars: readonly Bar[], launching: number): string {
  const last = bars.at(-1);
  if (!last) return 'No operator has looked at this launch yet.';
  const time = duration(launching);
  if (last.phase === 'Ready') return `Registered ${time} after the launch began.`;
  if (last.state === 'failed') return `Failed ${time} after the launch began, while ${last.phase}.`;
  return last.state === 'stopped'
    ? `Ended ${time} after the launch began.`
    : `${time} since the launch began.`;
}
