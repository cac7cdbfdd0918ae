import { defineConfig } from 'tsup';

/** One build for every package: ESM for the Node floor, dependencies left as imports. Declarations come from `tsc`. */
export default defineConfig({
  format: 'esm',
  target: 'node22',
  platform: 'node',
  clean: true,
  splitting: true,
  sourcemap: false,
  silent: true,
  // What a monitor starts is one file; nothing else imports these.
  noExternal: ['@tocsin/core/macro-words', '@tocsin/core/nearest'],
});
