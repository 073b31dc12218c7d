import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // These need a cluster, root or Helm: npm run test:cluster, test:node, test:helm.
    exclude: ['test/on-cluster/**', 'test/on-node/**', 'test/with-helm/**'],
    // A busy machine takes ten times as long; what never ends is still found.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // A test that leaves a timer or a socket behind would hang here instead of passing.
    teardownTimeout: 60_000,
    allowOnly: false,
  },
});
