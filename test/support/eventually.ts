import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves when `condition` holds; fails after `ms`. */
export async function eventually(
  what: string,
  condition: () => boolean | Promise<boolean>,
  ms = 10_000,
): Promise<void> {
  for (const end = Date.now() + ms; Date.now() < end;) {
    if (await condition()) return;
    await sleep(50);
  }
  throw new Error(`not within ${ms} ms: ${what}`);
}
