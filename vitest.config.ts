import { defineConfig } from 'vitest/config';

const spec = '{apps,libs,tools}/**/*.spec.ts';
const integration = '{apps,libs,tools}/**/*.integration.spec.ts';
const never = ['**/node_modules/**', '**/dist/**'];

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: [spec], exclude: [...never, integration], testTimeout: 10_000 } },
      {
        test: {
          name: 'integration',
          include: [integration],
          exclude: never,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
