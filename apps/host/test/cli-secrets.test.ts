import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { TocsinError } from '@tocsin/core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { printedBy } from './support/host-here.ts';
import { type HostProcess, key, startHostProcess, token } from './support/host-process.ts';
import { startWitness, type Witness } from './support/witness.ts';

// `tocsin secrets`, as somebody runs it beside a host.

let host: HostProcess;
let witness: Witness;

beforeAll(async () => {
  witness = await startWitness();
  host = await startHostProcess({
    config: {
      integrations: ['@tocsin/source-webhook', '@tocsin/target-webhook'],
      sources: [{ id: 'any', use: 'webhook', key }],
      targets: [
        { id: 'ops', use: 'webhook', settings: { url: `${witness.url}/ops`, headers: { X: '${secret:slack/ops}' } } },
        { id: 'dev', use: 'webhook', settings: { url: `${witness.url}/dev`, headers: { X: '${secret:slack/dev}' } } },
      ],
      routes: [{ to: ['ops'] }],
      egress: { allow: ['127.0.0.0/8'] },
    },
  });
});

afterAll(async () => {
  await host?.remove();
  await witness?.close();
});

/** Runs `tocsin` with these words in this process, and with this on its standard input. */
async function tocsin(words: string[], input = '') {
  const stdin = vi.spyOn(process, 'stdin', 'get').mockReturnValue(Readable.from([input]) as typeof process.stdin); // all that is read of it
  try {
    const output = await printedBy([...words, '--config', join(host.folder, 'tocsin.yaml')], token);
    return { output, errors: '' };
  } catch (error) {
    if (!(error instanceof TocsinError)) throw error;
    return { output: '', errors: error.toText() };
  } finally {
    stdin.mockRestore();
  }
}

const secrets = (words: string[], input = '') => tocsin(['secrets', ...words, '--url', host.address], input);

describe('seed-K9 tocsin secrets', () => {
  test('set reads the value from standard input, without the line break at its end', async () => {
    const { output } = await secrets(
      ['set', 'slack/ops', '--hosts', '127.0.0.1,*.slack.com', 'localhost'],
      'xoxb-1 value\n',
    );
    expect(output).toEqual(
      expect.stringMatching(
        /^slack\/ops {2}hosts 127\.0\.0\.1, \*\.slack\.com, localhost {2}targets \* {2}used by ops {2}ann .* UTC\nIn settings: \$\{secret:slack\/ops\}\n$/,
      ),
    );
    await host.post('any', { title: 'Disk is full' });
    const [told] = await witness.untilTold('/ops', 1);
    expect(told?.headers.x).toBe('xoxb-1 value');
  });

  test('set reads it from a file, and may keep it', async () => {
    writeFileSync(join(host.folder, 'value'), 'value-of-a-file\r\n');
    const made = await secrets([
      'set',
      'from/file',
      '--from-file',
      join(host.folder, 'value'),
      '--targets',
      'ops',
      '--json',
    ]);
    expect(JSON.parse(made.output)).toMatchObject({ name: 'from', key: 'file', targets: ['ops'], hosts: ['*'] });
    const kept = await secrets(['set', 'from/file', '--keep-value', '--hosts', 'a.example', '--json']);
    expect(JSON.parse(kept.output)).toMatchObject({ targets: ['ops'], hosts: ['a.example'], isReadable: true });
    expect(made.output + kept.output).not.toContain('value-of-a-file');
  });

  test.each<[string, string[], string, string]>([
    [
      'a value among the arguments',
      ['set', 'a/b', 'xoxb-secret-value'],
      '',
      'a value on the command line is seen by others',
    ],
    ['a value in place of the id', ['set', 'xoxb-secret-value'], 'other', 'this is no name and key of a secret'],
    ['an id and a value in one', ['set', 'a/b=xoxb-secret-value'], 'other', 'this is no name and key of a secret'],
    ['a file that is not there', ['set', 'a/b', '--from-file', '/no/such'], '', "/no/such can't be read (ENOENT)"],
    ['an empty value', ['set', 'a/b'], '\n', 'the value is empty'],
    ['a value that is too short', ['set', 'a/b'], 'short', 'could not be masked where somebody repeats it'],
    ['the deletion of one in use', ['delete', 'slack/ops'], '', 'the secret slack/ops is in use by the target ops'],
    ['the deletion of none', ['delete', 'no/such'], '', 'there is no secret no/such'],
  ])('refuses %s, says why, and repeats nothing', async (_, words, input, message) => {
    const { output, errors } = await secrets(words, input);
    expect([output, errors]).toEqual(['', expect.stringContaining(message)]);
    expect(errors).not.toContain('xoxb');
  });

  test('list names them all, and those that are missing, without a value', async () => {
    const { output } = await secrets(['list']);
    expect(output).toMatch(/^slack\/ops {2}hosts .* used by ops/m);
    expect(output).toMatch(/^from\/file .* used by nobody/m);
    expect(output).toMatch(/^slack\/dev {2}not set {2}used by dev$/m);
    expect(output).not.toMatch(/xoxb|value-of/);
    expect(JSON.parse((await secrets(['list', '--json'])).output)).toMatchObject({
      missing: [{ name: 'slack', key: 'dev' }],
    });
  });

  test('rotate puts them under a new key, and delete takes one away', async () => {
    expect((await secrets(['rotate'])).output).toBe('2 of 2 secrets were put under the newest key\n');
    expect((await secrets(['delete', 'from/file'])).output).toBe('from/file is deleted\n');
    expect((await secrets(['list'])).output).not.toContain('from/file');
  });
});

test('seed-K8 check names the secrets that the hub must have, and notify leaves them to it', async () => {
  expect((await tocsin(['check'])).output).toContain(
    'it needs ${secret:slack/ops}, ${secret:slack/dev} of the running hub',
  );
  expect((await tocsin(['notify', 'ops'])).errors).toContain(
    '${secret:slack/ops} of ops is known to the running hub alone',
  );
});
