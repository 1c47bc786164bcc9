/** Milliseconds of a monotonic clock. */
export const now = () => Number(process.hrtime.bigint()) / 1e6;

/** p50, p99 and the like of a list of milliseconds. */
export function summary(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (p) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? NaN;
  return { n: sorted.length, min: at(0), p50: at(0.5), p99: at(0.99), max: at(1) };
}

/** Runs `task` one at a time and returns how long each took. */
export async function oneAtATime(count, task) {
  const times = [];
  for (let i = 0; i < count; i++) {
    const start = now();
    await task();
    times.push(now() - start);
  }
  return times;
}

/** Keeps `inFlight` tasks running for `seconds`; gives the rate per second and the latencies. */
export async function rate(inFlight, seconds, task) {
  const times = [];
  const begin = now();
  const end = begin + seconds * 1000;
  const worker = async () => {
    while (now() < end) {
      const start = now();
      await task();
      times.push(now() - start);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return { perSecond: times.length / ((now() - begin) / 1000), ...summary(times) };
}
