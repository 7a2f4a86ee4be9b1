import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['sealgate-source'] },
  ssr: { resolve: { conditions: ['sealgate-source'] } },
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'apps/*/src/**/*.test.ts',
      'scripts/**/*.test.ts',
      'e2e/**/*.test.ts',
      'bench/{src,routing}/**/*.test.ts',
    ],
    globalSetup: ['apps/gateway/src/platform/db/testing-server.ts'],
    testTimeout: 30_000,
    hookTimeout: 120_000,
    // What is waited for comes at once, but for machines that are busy.
    expect: { poll: { timeout: 20_000 } },
    maxWorkers: 2,
  },
});
