import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { defineConfig } from 'vitest/config';

// Threads and processes that tests start read the packages' TypeScript too: stripped and compiled once, not each time.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules', '.cache', 'compiled');

// Property tests make much that is soon forgotten: a young generation with room for it saves a twelfth of all work.
setFlagsFromString('--min-semi-space-size=32');
setFlagsFromString('--max-semi-space-size=64');

const folders = ['packages/*', 'apps/*', 'integrations/*/*', '.'];

export default defineConfig({
  // Tests read the packages' TypeScript; nothing has to be built first.
  ssr: { resolve: { conditions: ['@tocsin/source', 'node', 'import', 'default'] } },
  resolve: { conditions: ['@tocsin/source'] },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: folders.map((folder) => `${folder}/test/**/*.test.ts`),
          pool: 'threads',
          // The files of a worker share what they import: no test changes a module but folder-sync.test.ts, which says so.
          isolate: false,
          // Programs and hosts that are started beside others, on a busy machine.
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // Where CI's machine stood still for a second; what fails twice has failed.
          retry: process.env.CI ? 1 : 0,
          // Many tests wait for a host of their own: on two cores one worker would sit idle half of the time.
          maxWorkers: Math.max(3, availableParallelism()),
        },
      },
      {
        // Whole programs, minutes instead of seconds: `npm test -- --project end-to-end`.
        extends: true,
        test: {
          name: 'end-to-end',
          include: folders.map((folder) => `${folder}/test/**/*.e2e.ts`),
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
