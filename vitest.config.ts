import { defineConfig } from 'vitest/config';

/** Compares what all other tests asked of API servers with the roles of the chart, so it comes last. */
const LAST = 'test/rights/used.test.ts';

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'all',
          include: ['test/**/*.test.ts'],
          // These need a cluster, root or Helm: npm run test:cluster, test:node, test:helm.
          exclude: ['test/on-cluster/**', 'test/on-node/**', 'test/with-helm/**', LAST],
          // With one worker, vitest runs the group 0 after all others.
          sequence: { groupOrder: 1 },
        },
      },
      { extends: true, test: { name: 'rights', include: [LAST], sequence: { groupOrder: 2 } } },
    ],
    globalSetup: ['test/support/requests/folder.ts'],
    setupFiles: ['test/support/requests/record.ts', 'test/support/requests/finished.ts'],
    // A busy machine takes ten times as long; what never ends is still found.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // A test that leaves a timer or a socket behind would hang here instead of passing.
    teardownTimeout: 60_000,
    allowOnly: false,
  },
});
