import { defineConfig } from 'vitest/config';

/** Tests against the cluster that KUBECONFIG names, in namespaces of their own: `npm run test:cluster`. */
export default defineConfig({
  test: {
    include: ['test/on-cluster/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
