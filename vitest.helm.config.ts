import { defineConfig } from 'vitest/config';

/** The tests of the Helm chart on a real cluster: `make e2e-helm`. One file at a time, because the cluster is one. */
export default defineConfig({
  test: {
    include: ['test/e2e-helm/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 180_000,
    pool: 'forks',
    maxWorkers: 1,
    fileParallelism: false,
  },
});
