import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // These need a cluster or root: npm run test:cluster, npm run test:node.
    exclude: ['test/on-cluster/**', 'test/on-node/**'],
    // A busy machine takes ten times as long; what never ends is still found.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // A test that leaves a timer or a socket behind would hang here instead of passing.
    teardownTimeout: 60_000,
    allowOnly: false,
  },
});
