import { randomUUID } from 'node:crypto';

/**
 * Which launches have changed since when, so that a reader who comes back is told just that. Only keys are kept: what a launch
 * is now is asked when it is sent, and a launch that changed ten times is sent once.
 */
export class ChangeLog {
  /** Differs for each run: numbers of another run mean nothing here. */
  readonly #run = randomUUID().slice(0, 8);
  readonly #most: number;
  /** Key → number of its last change, in the order of these numbers. */
  readonly #changes = new Map<string, number>();
  #last = 0;
  /** Changes up to this number are not known one by one any more. */
  #forgotten = 0;

  /** @param most keys that are remembered */
  constructor(most = 2000) {
    this.#most = most;
  }

  /** The number of the last change. */
  get last(): number {
    return this.#last;
  }

  add(key: string): void {
    this.#last += 1;
    this.#changes.delete(key);
    this.#changes.set(key, this.#last);
    const [oldest] = this.#changes;
    if (this.#changes.size <= this.#most || !oldest) return;
    this.#changes.delete(oldest[0]);
    this.#forgotten = oldest[1];
  }

  /** Keys that have changed after that number; undefined = so long ago that everything must be sent. */
  since(number: number): string[] | undefined {
    if (number < this.#forgotten) return undefined;
    return [...this.#changes].flatMap(([key, at]) => (at > number ? [key] : []));
  }

  /** A number as readers are given it, to come back with. */
  idOf(number: number): string {
    return `${this.#run}.${number}`;
  }

  /** The number behind an id; undefined when it is not of this run. */
  numberOf(id: string): number | undefined {
    const match = /^([0-9a-f]{8})\.(\d{1,15})$/.exec(id);
    const number = Number(match?.[2]);
    return match?.[1] === this.#run && number <= this.#last ? number : undefined;
  }
}
