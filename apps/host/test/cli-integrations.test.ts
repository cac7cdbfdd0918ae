import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { integrationsCommand, type ListedIntegration } from '../src/cli/integrations.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const scratch = mkdtempSync(join(tmpdir(), 'tocsin-cli-integrations-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
mkdirSync(join(scratch, 'node_modules', '@tocsin'), { recursive: true });
symlinkSync(join(root, 'packages', 'core'), join(scratch, 'node_modules', '@tocsin', 'core'));

/** An integration that is installed beside a configuration. */
function install(name: string, path: string): string {
  const folder = join(scratch, 'node_modules', '@tocsin', name, '..', path.split('/').at(-1) as string);
  cpSync(join(root, 'integrations', path), folder, {
    recursive: true,
    filter: (source) => !/node_modules|dist|\.turbo/.test(source.slice(root.length)),
  });
  symlinkSync(folder, join(scratch, 'node_modules', '@tocsin', name));
  return folder;
}

/** What it prints for a configuration that names these. */
async function list(integrations: readonly string[], ...words: string[]): Promise<string> {
  const file = join(scratch, 'tocsin.yaml');
  writeFileSync(file, JSON.stringify({ version: 1, integrations, unrouted: 'drop', routes: [] }));
  let output = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += text;
    return true;
  });
  try {
    await integrationsCommand().parseAsync(['--config', file, ...words], { from: 'user' });
    return output;
  } finally {
    write.mockRestore();
  }
}

test('lists what a configuration has, how good each is, and what it lacks', async () => {
  install('target-slack', 'targets/slack');
  const broken = install('source-alertmanager', 'sources/alertmanager');
  const both = ['@tocsin/source-alertmanager', '@tocsin/target-slack'];

  const listed: ListedIntegration[] = JSON.parse(await list(both, '--json'));
  expect(
    listed.map(({ kind, id, package: name, version, level, next }) => [kind, id, name, version, level, next]),
  ).toEqual([
    ['source', 'alertmanager', '@tocsin/source-alertmanager', '0.0.0', 'silver', 'gold'],
    ['target', 'slack', '@tocsin/target-slack', '0.0.0', 'silver', 'gold'],
  ]);
  expect(listed[1]?.missing).toContain('an answer that refuses for good, captured from the real system');
  expect(await list(both)).toMatch(
    /^silver {2}source alertmanager {2}Prometheus Alertmanager {2}\(@tocsin\/source-alertmanager 0\.0\.0\)\n {8}for gold: /,
  );

  // What fails the suite has no level, whatever else is there.
  writeFileSync(join(broken, 'templates', 'title.hbs'), 'Other words');
  const [first, second] = JSON.parse(await list(both, '--json'));
  expect(first).toMatchObject({
    level: 'none',
    next: 'bronze',
    missing: [expect.stringMatching(/^\d+ checks of the suite fail$/)],
  });
  expect(second).toMatchObject({ level: 'silver' });
});

test('a configuration that names none is told so', async () => {
  await expect(list([])).rejects.toThrow(/names no integrations/);
});
