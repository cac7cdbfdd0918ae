import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CheckResult } from '@tocsin/testkit';
import { afterAll, describe, expect, test } from 'vitest';
import { printable } from '../src/cli/printable.ts';
import { runTests, type TestOptions } from '../src/cli/test.ts';
import { annotations, withoutCommands } from '../src/cli/test-annotations.ts';
import { junit } from '../src/cli/test-junit.ts';
import { report } from '../src/cli/test-report.ts';

/** Ends lines, elements, attributes and commands, and moves a terminal's cursor. */
const hostile =
  'a\n::error::made up\n  ::stop-commands::x\r%0A]]></failure><x y="\'&#0;"> ##[add-mask]b, c: d \u0000\u001b[2J\u202egnp \ud800';

const failing: CheckResult = {
  file: 'examples/a,b:c%.json',
  rule: 'texts',
  ok: false,
  message: hostile,
  remedy: 'Mend it.',
};
const holding: CheckResult = { file: 'package.json', rule: 'package', ok: true, message: 'all is there', remedy: '' };
const tested = [
  { name: 'source-whole', folder: '/repository/integrations/sources/whole', results: [holding] },
  { name: 'source-acme', folder: '/repository/integrations/sources/acme', results: [holding, failing] },
];

describe('annotations', () => {
  test('are one line each, whatever stands in them', () => {
    const text = annotations(tested, '/repository');
    expect(text).toBe(
      '::error file=integrations/sources/acme/examples/a%2Cb%3Ac%25.json,title=source-acme%3A texts::' +
        'a%0A::error::made up%0A  ::stop-commands::x%0D%250A]]></failure><x y="\'&#0;"> ##[add-mask]b, c: d ' +
        '\u0000\u001b[2J\u202egnp \ufffd%0A→ Mend it.\n',
    );
    expect(text.match(/^::/gm)).toHaveLength(1);
  });

  test('are read as they were written', () => {
    const [, properties = '', data = ''] = /^::error (.*?)::(.*)\n$/s.exec(annotations(tested, '/repository')) ?? [];
    const decode = (value: string) =>
      value
        .replaceAll('%0D', '\r')
        .replaceAll('%0A', '\n')
        .replaceAll('%3A', ':')
        .replaceAll('%2C', ',')
        .replaceAll('%25', '%');
    const [file = '', title = ''] = properties.split(',').map((property) => decode(property.split('=')[1] ?? ''));
    expect([file, title]).toEqual(['integrations/sources/acme/examples/a,b:c%.json', 'source-acme: texts']);
    expect(decode(data)).toBe(`${hostile.toWellFormed()}\n→ Mend it.`);
  });

  test('stand apart from text in which the runner looks for none', () => {
    expect(withoutCommands('::error::made up', 'token-1')).toBe(
      '::stop-commands::token-1\n::error::made up\n::token-1::\n',
    );
  });
});

describe('JUnit', () => {
  test('holds hostile text as text', () => {
    const xml = junit(tested);
    expect(xml).toContain('<testsuites name="tocsin test" tests="3" failures="1" errors="0" skipped="0">');
    expect(xml).toContain('<testsuite name="source-acme" tests="2" failures="1" errors="0" skipped="0">');
    expect(xml).toContain(
      '<failure type="texts" message="a">a&#10;::error::made up&#10;  ::stop-commands::x&#13;%0A]]&gt;&lt;/failure&gt;' +
        '&lt;x y=&quot;&apos;&amp;#0;&quot;&gt; ##[add-mask]b, c: d \ufffd\ufffd[2J\u202egnp \ufffd&#10;→ Mend it.</failure>',
    );
    expect(xml.match(/<\/?failure/g)).toHaveLength(2);
  });
});

describe('the report for people', () => {
  const plain = report(tested, { folder: '/repository', isColoured: false });

  test('says first what fails, where, and what to do', () => {
    const lines = plain.split('\n');
    expect(lines[0]).toBe('1 of 3 checks fail, in source-acme');
    expect(lines[2]).toBe('✗ source-acme: 1 of 2 checks hold');
    expect(lines[3]).toBe('    integrations/sources/acme/examples/a,b:c%.json');
    expect(plain).toContain('      → Mend it.\n\n✓ source-whole: 1 of 1 checks hold\n2 passed, 1 failed\n');
  });

  test('moves no cursor and turns no text around', () => {
    expect(printable(hostile)).toContain('\\u{0}\\u{1b}[2J\\u{202e}gnp');
    expect(/[^\P{Cc}\n]/u.test(plain)).toBe(false);
  });

  test('cuts what nobody reads', () => {
    const results = [{ ...failing, message: '👩‍👩‍👧‍👦'.repeat(1_000) }];
    const lines = report([{ name: 'source-acme', folder: '/x', results }], { folder: '/', isColoured: false });
    expect(Math.max(...lines.split('\n').map(({ length }) => length))).toBeLessThan(420);
  });

  test('has colours only where it is asked for them', () => {
    expect(plain).not.toContain('\u001b');
    expect(report(tested, { folder: '/repository', isColoured: true })).toContain('\u001b[31m✗\u001b[39m source-acme');
  });
});

describe('tocsin test', () => {
  const root = join(import.meta.dirname, '..', '..', '..');
  const scratch = mkdtempSync(join(tmpdir(), 'tocsin-cli-test-'));
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));
  mkdirSync(join(scratch, 'node_modules', '@tocsin'), { recursive: true });
  symlinkSync(join(root, 'packages', 'core'), join(scratch, 'node_modules', '@tocsin', 'core'));

  /** A package outside of the repository, at `path` in the scratch folder. */
  function copyTo(path: string, title = ''): string {
    const folder = join(scratch, path);
    cpSync(join(root, 'integrations', 'sources', 'alertmanager'), folder, {
      recursive: true,
      filter: (source) => !/node_modules|dist|\.turbo/.test(source.slice(root.length)),
    });
    if (title) writeFileSync(join(folder, 'templates', 'title.hbs'), title);
    return folder;
  }

  async function run(
    words: string[],
    options: TestOptions = {},
    environment: Record<string, string> = {},
    from = scratch,
  ) {
    let [output, errors] = ['', ''];
    const code = await runTests(words, options, {
      folder: from,
      environment,
      write: (text) => {
        output += text;
      },
      writeError: (text) => {
        errors += text;
      },
      isTerminal: false,
      isErrorTerminal: false,
    });
    return { code, output, errors };
  }

  const whole = copyTo('whole/alertmanager');
  const broken = copyTo('broken/alertmanager', 'Other words');

  test('takes a folder anywhere, and the folder that it runs in', async () => {
    const named = await run(['./whole/alertmanager']);
    expect(named).toMatchObject({ code: 0, errors: '' });
    expect(named.output).toMatch(/^✓ source-alertmanager: (\d+) of \1 checks hold\n\1 passed, 0 failed\n$/);
    expect(await run([], {}, {}, whole)).toEqual(named);
  });

  test('takes an installed package by its name', async () => {
    symlinkSync(whole, join(scratch, 'node_modules', '@tocsin', 'source-alertmanager'));
    expect(await run(['@tocsin/source-alertmanager'])).toMatchObject({ code: 0, errors: '' });
  });

  test('ends with 1 where something fails, and writes it for every reader', async () => {
    const xml = join(scratch, 'junit.xml');
    const environment = { GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: scratch };
    const { code, output } = await run([broken], { junit: 'junit.xml' }, environment);
    expect(code).toBe(1);
    const [, token] = /^::stop-commands::([\w-]{36})\n/.exec(output) ?? [];
    const [text = '', commands = ''] = output.split(`::${token}::\n`);
    expect(text).toContain('broken/alertmanager/examples/firing.expected.json\n      texts: ');
    expect(commands).toMatch(
      /^::error file=broken\/alertmanager\/examples\/firing\.expected\.json,title=source-alertmanager%3A texts::/,
    );
    expect(readFileSync(xml, 'utf8')).toContain('<failure type="texts"');
  });

  test('gives machines JSON and nothing else', async () => {
    const { code, output } = await run([broken], { json: true }, { GITHUB_ACTIONS: 'true' });
    const results: Record<string, CheckResult[]> = JSON.parse(output);
    expect(code).toBe(1);
    expect(results['source-alertmanager']?.filter(({ ok }) => !ok)).toContainEqual(
      expect.objectContaining({ file: 'examples/firing.expected.json', rule: 'texts' }),
    );
  });

  test('refuses to rewrite under CI, says why, and changes nothing', async () => {
    const file = join(broken, 'examples', 'firing.expected.json');
    const before = readFileSync(file, 'utf8');
    const { code, output, errors } = await run([broken], { update: true }, { CI: 'true' });
    expect([code, output]).toEqual([2, '']);
    expect(errors).toMatch(/not rewritten under CI\n {2}→ Rewrite them on your own machine/);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  test('rewrites elsewhere, and shows the difference', async () => {
    const own = copyTo('own/alertmanager', 'Other words: {{alert.object}}');
    const { code, output } = await run([own], { update: true });
    expect(code).toBe(0);
    expect(output).toMatch(/- +"title": "[^"]+",\n\+ +"title": "Other words: [^"]+",/);
    expect(output).toMatch(/source-alertmanager: rewrote examples\/firing\.expected\.json, /);
  });

  test('ends with 2 where there is nothing to test', async () => {
    const nobody = await run(['nobody']);
    expect(nobody).toMatchObject({ code: 2, output: '' });
    expect(nobody.errors).toMatch(/^there is no integration nobody here\n {2}→ /);
    expect(await run([])).toMatchObject({ code: 2, errors: expect.stringMatching(/^there is no integration here\n/) });
  });

  test('changes every field where it is asked for mutations', async () => {
    const small = copyTo('small/alertmanager');
    for (const name of readdirSync(join(small, 'examples'))) {
      if (!name.startsWith('no-annotations.')) rmSync(join(small, 'examples', name));
    }
    const { output } = await run([small], { mutation: true, json: true });
    const results: Record<string, CheckResult[]> = JSON.parse(output);
    const changed = results['source-alertmanager']?.filter(({ rule }) => rule === 'mutation') ?? [];
    expect(changed.map(({ file }) => file)).toEqual(['examples/no-annotations.json']);
  });
});
