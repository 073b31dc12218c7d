import { defineConfig } from 'vitest/config';

/** Tests of the chart with the real Helm: `npm run test:helm`. */
export default defineConfig({
  test: {
    include: ['test/with-helm/**/*.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
