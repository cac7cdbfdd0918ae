import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeChanges } from '../scripts/changes.mjs';
import { changesPage } from '../scripts/changes-page.mjs';
import { fencesOf } from './docs/markdown.ts';

// What `node scripts/run.mjs changes` says of a made-up repository.

const folder = mkdtempSync(join(tmpdir(), 'tocsin-changes-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Ends a block of Markdown, in a line that begins with the space of a difference, and would be a page of its own. */
const hostile = ['```', '````', '<script>alert(1)</script>', '## Approved', '\u202egnp.exe\u001b[2J'];

function git(...parameters: string[]): string {
  const options = ['-c', 'user.name=ann', '-c', 'user.email=ann@example.com', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', [...options, ...parameters], { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
}

/** Writes the files, or removes those that are null, and commits them. Returns the commit. */
function commit(files: Record<string, string | null>): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    if (content === null) rmSync(join(folder, path));
    else writeFileSync(join(folder, path), content);
  }
  git('add', '--all');
  git('commit', '--quiet', '--message', 'a change');
  return git('rev-parse', 'HEAD').trim();
}

function expected(title: string, message: readonly string[] = ['Same everywhere']): string {
  const text = { headline: 'Firing', title, message };
  const texts = { markdown: text, text, sms: { ...text, message: ['Short'] } };
  return JSON.stringify({ origin: {}, alerts: [{ status: 'firing' }], notifications: [{ group: 'g', texts }] });
}

function changes(base?: string, environment: NodeJS.ProcessEnv = {}): string {
  let page = '';
  writeChanges({
    folder,
    base,
    environment,
    print: (text) => {
      page += text;
    },
  });
  return page;
}

let first: string;

beforeAll(() => {
  git('init', '--quiet', '--initial-branch=main');
  first = commit({
    'README.md': 'A hub',
    'integrations/sources/acme/examples/firing.expected.json': expected('Disk full'),
    'integrations/sources/acme/examples/resolved.expected.json': expected('Disk is fine'),
    'integrations/sources/calm/src/index.ts': 'export default 1;',
    'integrations/targets/chat/examples/firing.expected.http': 'POST https://chat.example.com\n\nold\n',
  });
});

test('the first commit has none before it', () => {
  expect(changes()).toBe('There is no commit before this one to compare with.\n');
});

test('each integration that was touched is shown as people read it, media that change alike together', () => {
  commit({
    'README.md': 'An alert hub',
    'integrations/sources/acme/examples/firing.expected.json': expected('Disk of db-1 is full'),
    'integrations/sources/calm/src/index.ts': 'export default 2;',
    'integrations/targets/chat/examples/firing.expected.http': 'POST https://chat.example.com\n\nnew\n',
  });
  const page = changes(first);
  expect(page).toBe(`# Messages, before and after

Compared with \`${first.slice(0, 9)}\`.

## \`source acme\`

### \`firing\`

\`markdown\`, \`text\`

\`\`\`diff
@@ -1,5 +1,5 @@
 group: g
 Firing
-Disk full
+Disk of db-1 is full
 
 Same everywhere
\`\`\`

\`sms\`

\`\`\`diff
@@ -1,5 +1,5 @@
 group: g
 Firing
-Disk full
+Disk of db-1 is full
 
 Short
\`\`\`

## \`source calm\`

Its messages stay as they are.

## \`target chat\`

### \`firing\`

\`request\`

\`\`\`diff
@@ -1,3 +1,3 @@
 POST https://chat.example.com
 
-old
+new
\`\`\`
`);
  expect(changes()).toBe(page); // on main: since the commit before
});

test('what stands in a message stays inside of its block', () => {
  const before = git('rev-parse', 'HEAD').trim();
  commit({ 'integrations/sources/acme/examples/firing.expected.json': expected('Disk of db-1 is full', hostile) });
  commit({
    'integrations/sources/acme/examples/firing.expected.json': expected('Disk of db-1 is full!', hostile),
    'integrations/sources/acme/examples/`x`\n# y.expected.json': expected('Strange'),
    'integrations/sources/acme/examples/broken.expected.json': '{ "notifications": ',
  });
  // As lines that are new, and as lines around one that is.
  for (const [base, mark] of [
    [before, '+'],
    ['HEAD^', ' '],
  ] as const) {
    const page = changes(base);
    const blocks = fencesOf(page).map(({ content }) => content);
    expect(blocks.some((block) => block.includes(`\n${mark}\`\`\`\n`))).toBe(true);
    expect(blocks.reduce((rest, block) => rest.replace(block, ''), page)).not.toMatch(/script|Approved|gnp/);
    expect(page.split('\n').filter((line) => line.startsWith('#'))).toEqual([
      '# Messages, before and after',
      '## `source acme`',
      '### `` `x` # y ``',
      '### `broken`',
      '### `firing`',
    ]);
  }
  const page = changes(before);
  expect(page).toContain('+\\u{202e}gnp.exe\\u{1b}[2J');
  expect(/[^\P{Cc}\n]|\u202e/u.test(page)).toBe(false);
});

test('a pull request is compared with where it began, and stands in the summary of its job', () => {
  git('update-ref', 'refs/remotes/origin/release', 'main'); // which went on since then
  git('switch', '--quiet', '--create', 'branch', first);
  commit({ 'integrations/sources/acme/examples/resolved.expected.json': null });
  const summary = join(folder, 'summary.md');
  writeFileSync(summary, 'Before.\n');
  expect(changes(undefined, { GITHUB_BASE_REF: 'release', GITHUB_STEP_SUMMARY: summary })).toBe('');
  const page = readFileSync(summary, 'utf8');
  expect(page).toMatch(/^Before\.\n# Messages/);
  expect(page).toContain('### `resolved`');
  expect(page).toContain('-Disk is fine');
  expect(page).not.toContain('### `firing`');
  expect(() => changes(undefined, { GITHUB_BASE_REF: 'gone' })).toThrow(
    'There is no commit origin/gone to compare with.',
  );
});

test('a page is no longer than GitHub takes', () => {
  const long = { name: 'long', texts: [{ label: 'text', difference: `+${'x'.repeat(400_000)}` }] };
  const page = changesPage([{ name: 'source acme', examples: [long, long, long] }], 'abc');
  expect(Buffer.byteLength(page)).toBeLessThan(1024 * 1024);
  expect(page).toMatch(/\n1 more don't fit here: /);
});
