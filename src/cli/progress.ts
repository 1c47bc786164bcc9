import type { CliIo } from './io.js';

/** Shows on a terminal that something takes time; writes nothing elsewhere. */
export async function withProgress<T>(io: CliIo, what: string, work: () => Promise<T>): Promise<T> {
  if (!io.stderr.isTTY) return work();
  const began = performance.now();
  const show = (): void => {
    io.stderr.write(`\r\x1b[K${what} … ${Math.round((performance.now() - began) / 1000)} s`);
  };
  const timer = setInterval(show, 1000);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    io.stderr.write('\r\x1b[K');
  }
}
