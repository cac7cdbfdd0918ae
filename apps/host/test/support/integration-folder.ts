import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { contractVersion } from '@tocsin/core';

/**
 * Writes an integration of a test into `<folder>/<name>`, as an operator's own package beside the config: `./<name>`.
 * `definition` is the text of its module after the imports.
 */
export function writeIntegration(folder: string, name: string, definition: string): void {
  const files = {
    'package.json': JSON.stringify({
      name,
      version: '1.0.0',
      type: 'module',
      tocsin: { contract: contractVersion },
      exports: { '.': './index.js' },
    }),
    'index.js': `import { defineSource, defineTarget, secret, z } from '@tocsin/core';\n${definition}`,
    'howto.html': '<p>Post to {{url}} with {{key}}.</p>',
    'templates/title.hbs': '{{payload.title}}',
    'templates/message.hbs': '',
    'templates/link.hbs': '',
  };
  for (const [file, text] of Object.entries(files)) {
    const path = join(folder, name, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  const scope = join(folder, 'node_modules', '@tocsin');
  mkdirSync(scope, { recursive: true });
  const core = join(import.meta.dirname, '..', '..', '..', '..', 'packages', 'core');
  try {
    symlinkSync(core, join(scope, 'core'));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}
