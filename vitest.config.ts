import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    // A test that leaves a timer or a socket behind would hang here instead of passing.
    teardownTimeout: 5_000,
    allowOnly: false,
  },
});
