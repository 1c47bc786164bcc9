import type { LaunchRow } from '../viewTypes.js';
import { el, setText } from './dom.js';

const phases = [
  'Failed',
  'Pending',
  'Building',
  'Scheduling',
  'Starting',
  'Registering',
  'Ready',
  'Warm',
  'Stopped',
] as const;

/** A button for each phase, with how many launches are in it: what is pressed is shown, nothing pressed = all. */
export class PhaseChips {
  readonly element = el('div', { class: 'chips', role: 'group', 'aria-label': 'Phases' });
  readonly #chips = new Map<string, { button: HTMLButtonElement; number: HTMLElement }>();
  #chosen: ReadonlySet<string> = new Set();

  constructor(onChoose: (phases: ReadonlySet<string>) => void) {
    for (const phase of phases) {
      const number = el('b', {}, '0');
      const button = el(
        'button',
        { type: 'button', 'data-phase': phase, 'aria-pressed': 'false' },
        phase,
        ' ',
        number,
      );
      button.addEventListener('click', () => {
        const chosen = new Set(this.#chosen);
        if (!chosen.delete(phase)) chosen.add(phase);
        onChoose(chosen);
      });
      this.#chips.set(phase, { button, number });
      this.element.append(button);
    }
  }

  update(rows: readonly LaunchRow[], chosen: ReadonlySet<string>): void {
    this.#chosen = chosen;
    const counts = new Map<string, number>();
    for (const { phase } of rows) counts.set(phase, (counts.get(phase) ?? 0) + 1);
    for (const [phase, { button, number }] of this.#chips) {
      const count = counts.get(phase) ?? 0;
      setText(number, String(count));
      button.setAttribute('aria-pressed', String(chosen.has(phase)));
      button.classList.toggle('none', count === 0);
    }
  }
}
