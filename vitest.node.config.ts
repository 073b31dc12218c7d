import { defineConfig } from 'vitest/config';

/** Tests on a real containerd and a real docker-registry, which need root: `npm run test:node`. */
export default defineConfig({
  test: {
    include: ['test/on-node/**/*.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    fileParallelism: false,
  },
});
