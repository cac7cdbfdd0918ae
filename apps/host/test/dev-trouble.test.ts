import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseTemplate, TocsinError } from '@tocsin/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { troublesOf } from '../src/cli/dev/trouble.ts';

const folder = mkdtempSync(join(tmpdir(), 'tocsin-trouble-'));

beforeAll(() => {
  for (const name of ['src', 'templates', 'examples']) mkdirSync(join(folder, name));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(file: string, text: string): string {
  writeFileSync(join(folder, file), text);
  return join(folder, file);
}

function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('a trouble', () => {
  it('is each fault of a template, in its line', () => {
    const source = 'one\n{{nope a}}\nthree\n{{#each}}{{/each}}';
    const file = write('templates/title.hbs', source);
    const troubles = troublesOf(
      thrown(() => parseTemplate(source, { file })),
      folder,
    );
    expect(troubles.map(({ where }) => where)).toEqual(['templates/title.hbs:2:1', 'templates/title.hbs:4:1']);
    expect(troubles[0]).toMatchObject({
      message: 'there is no helper nope',
      frame: { file: 'templates/title.hbs', line: 2, column: 1, first: 1, lines: source.split('\n') },
    });
  });

  it('is where JSON stops being JSON', () => {
    const text = '{\n  "alerts": [\n    {"a" 1}\n  ]\n}';
    write('examples/firing.json', text);
    const [wrong] = troublesOf(
      thrown(() => JSON.parse(text)),
      folder,
      'examples/firing.json',
    );
    expect(wrong?.where).toBe('examples/firing.json:3:10');
    expect(wrong?.frame?.lines[wrong.frame.line - wrong.frame.first]).toBe('    {"a" 1}');
    write('examples/firing.json', '{\n"a":');
    const [unfinished] = troublesOf(
      thrown(() => JSON.parse('{\n"a":')),
      folder,
      'examples/firing.json',
    );
    expect(unfinished?.where).toBe('examples/firing.json:2:5');
  });

  it('is the place above a syntax error, which Node prints before it', () => {
    const file = write('src/index.ts', 'const a = 1;\nconst b = {;\nexport default a;\n');
    const cause = new SyntaxError('Expression expected');
    cause.stack = `${file}:2\nconst a = 1;\nconst b = {;\n           ^\n\nSyntaxError: Expression expected\n    at parse (node:internal/x:1:1)`;
    const error = new TocsinError('integration', 'it can’t be run', { cause, remedy: 'Install another release.' });
    expect(troublesOf(error, folder)).toMatchObject([
      { where: 'src/index.ts:2:12', message: 'Expression expected', frame: { line: 2, column: 12, first: 1 } },
    ]);
  });

  it('is the first call from the package’s own code, not from what it uses', () => {
    write('src/index.ts', 'a\nb\nc\n');
    const cause = new TypeError('x is undefined');
    cause.stack = [
      'TypeError: x is undefined',
      `    at inner (file://${folder}/node_modules/other/index.js:1:1)`,
      `    at Object.status (file://${folder}/src/index.ts:3:1)`,
      '    at normalise (file:///elsewhere/core/normalise.ts:1:1)',
    ].join('\n');
    expect(troublesOf(cause, folder)).toMatchObject([{ where: 'src/index.ts:3:1', message: 'x is undefined' }]);
  });

  it('is the message, with every fault, where there is no place', () => {
    const faults = [{ path: 'alerts[0].status', message: 'is missing' }];
    const error = new TocsinError('payload', 'this is not what Acme sends', { faults, remedy: 'Compare it.' });
    expect(troublesOf(error, folder, 'examples/firing.json')).toEqual([
      {
        where: 'examples/firing.json',
        message: 'this is not what Acme sends\nalerts[0].status: is missing',
        remedy: 'Compare it.',
      },
    ]);
  });
});
