import { defineConfig } from 'vitest/config';

/** The tests on a real Docker engine: `make e2e-docker`. One file at a time, because the engine is one. */
export default defineConfig({
  test: {
    include: ['test/e2e-docker/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 1,
    fileParallelism: false,
  },
});
