import { defineConfig } from 'vitest/config';

/** The tests on a real cluster: `make e2e-k8s`. One file at a time, because the cluster is one. */
export default defineConfig({
  test: {
    include: ['test/e2e-k8s/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 1,
    fileParallelism: false,
  },
});
