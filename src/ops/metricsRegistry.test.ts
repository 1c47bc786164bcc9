import { totalmem } from 'node:os';
import { describe, expect, it } from 'vitest';
import { createMetricsRegistry, memoryLimit } from './metricsRegistry.js';

const gibibyte = 2 ** 30;

describe('the memory limit of a process', () => {
  it('is that of its container', () => {
    expect(memoryLimit(gibibyte, 8 * gibibyte)).toBe(gibibyte);
  });

  it.each([0, 2 ** 64])('is the memory of the machine where Node.js is told %i', (constrained) => {
    expect(memoryLimit(constrained, 8 * gibibyte)).toBe(8 * gibibyte);
  });

  it('is a metric of every process', async () => {
    const text = await createMetricsRegistry('1.4.12').metrics();
    const value = Number(/^chaincode_launcher_memory_limit_bytes (\d+)$/m.exec(text)?.[1]);
    expect(value).toBeGreaterThan(0);
    expect(value).toBeLessThanOrEqual(totalmem());
  });
});
