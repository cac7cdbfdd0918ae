import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TocsinError } from '@tocsin/core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cleanField, commandLine, writeCommand } from '../src/write-back/command-file.ts';

// The line of an external command, and the pipe that Nagios reads it from.

const mostBytes = 4_096;

describe('commandLine', () => {
  const acknowledgement = (author: string, comment: string) =>
    commandLine('ACKNOWLEDGE_SVC_PROBLEM', ['web-1', 'HTTP', 2, 0, 1, author, comment], 1_795_325_726.9);

  test('seed-O14: is what Nagios documents', () => {
    expect(acknowledgement('Anna', 'I look at it')).toBe(
      '[1795325726] ACKNOWLEDGE_SVC_PROBLEM;web-1;HTTP;2;0;1;Anna;I look at it\n',
    );
  });

  test('has no line end and no field of a person’s making', () => {
    expect(acknowledgement('a;b\n[0] DISABLE_NOTIFICATIONS', '1\r\n2;3\u2028\0')).toBe(
      '[1795325726] ACKNOWLEDGE_SVC_PROBLEM;web-1;HTTP;2;0;1;a b [0] DISABLE_NOTIFICATIONS;1 2 3\n',
    );
  });

  test.for([
    ['', 'a comment'],
    ['Anna', ' ;\n\t'],
  ] as const)(
    'is refused where nothing is left of a field: Nagios would drop it without a word',
    ([author, comment]) => {
      expect(() => acknowledgement(author, comment)).toThrow(/one of its fields is empty/);
    },
  );

  test('is refused where it is too long without its comment', () => {
    expect(() => acknowledgement('a'.repeat(4_050), 'a comment')).toThrow(/longer than 4096 bytes/);
  });

  test('cuts a long comment between characters that people see', () => {
    const family = '👨‍👩‍👧‍👦';
    const line = acknowledgement('Anna', family.repeat(500));
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(mostBytes);
    expect(Buffer.byteLength(line)).toBeGreaterThan(mostBytes - Buffer.byteLength(family) - 3);
    expect(line).toMatch(/;Anna;(👨‍👩‍👧‍👦)+…\n$/u);
  });

  test('whatever the texts are: one line of at most 4096 bytes, with the fields that it was given', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.string({ unit: 'grapheme', maxLength: 200 }),
      fc
        .array(fc.constantFrom('\n', ';', '\r', '\0', '\ud83d', '\u0085', '\u2029', 'é', '👩‍🚀', ' '))
        .map((all) => all.join('')),
    );
    const long = fc.tuple(text, fc.integer({ min: 1, max: 100 })).map(([some, times]) => some.repeat(times));
    const isVisible = (some: string) => cleanField(some) !== '';
    fc.assert(
      fc.property(text.filter(isVisible), long.filter(isVisible), (author, comment) => {
        const line = acknowledgement(author, comment);
        expect(Buffer.byteLength(line)).toBeLessThanOrEqual(mostBytes);
        expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u2029]/u);
        expect(line.at(-1)).toBe('\n');
        expect(line.split(';')).toHaveLength(8);
        const kept = line.slice(0, -1).split(';').at(-1) ?? '';
        expect(kept === cleanField(comment) || cleanField(comment).startsWith(kept.slice(0, -1))).toBe(true);
      }),
    );
  });
});

describe('writeCommand', () => {
  let folder: string;
  let pipe: string;
  let readers: FileHandle[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tocsin-pipe-'));
    pipe = join(folder, 'nagios.cmd');
    execFileSync('mkfifo', [pipe]);
    readers = [];
  });

  afterEach(async () => {
    for (const reader of readers) await reader.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function read(file: string): Promise<FileHandle> {
    const reader = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    readers.push(reader);
    return reader;
  }

  const line = '[1] ENABLE_NOTIFICATIONS\n';

  test('writes the line to who reads the pipe', async () => {
    const reader = await read(pipe);
    await writeCommand(pipe, line);
    expect((await reader.read(Buffer.alloc(100), 0, 100, null)).bytesRead).toBe(line.length);
  });

  test('writes it through a symbolic link to a pipe', async () => {
    symlinkSync(pipe, join(folder, 'link'));
    const reader = await read(pipe);
    await writeCommand(join(folder, 'link'), line);
    expect((await reader.read(Buffer.alloc(100), 0, 100, null)).bytesRead).toBe(line.length);
  });

  test('the lines of many writers never mix', async () => {
    const reader = spawn('cat', [pipe], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(reader, 'close');
    let got = '';
    reader.stdout.setEncoding('utf8').on('data', (text) => {
      got += text;
    });
    const held = await open(pipe, constants.O_RDWR); // so that `cat` doesn't end between two writers
    const lines = Array.from({ length: 200 }, (_, index) => commandLine('ADD', [index, 'x'.repeat(1 + index * 20)], 1));
    // It may be full for a moment, which is an error that says so: the caller decides.
    const write = async (one: string): Promise<void> => {
      try {
        await writeCommand(pipe, one);
      } catch (error) {
        if (!`${error}`.includes('it is full')) throw error;
        await new Promise((resolve) => setTimeout(resolve, 5));
        await write(one);
      }
    };
    await Promise.all(lines.map(write));
    await held.close();
    await ended;
    expect(got.split(/(?<=\n)/).sort()).toEqual(lines.sort());
  });

  async function refusal(file: string, text = line): Promise<string> {
    const error = await writeCommand(file, text).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(error).toBeInstanceOf(TocsinError);
    return (error as TocsinError).toText(); // just seen to be one
  }

  test('fault: a pipe that nobody reads is an error at once, and names what to do', async () => {
    const began = performance.now();
    expect(await refusal(pipe)).toMatch(/nagios\.cmd: nobody reads it\n {2}→ Start Nagios.*check_external_commands=1/);
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  test('fault: a pipe that is full is an error at once, and takes nothing', async () => {
    const reader = await read(pipe);
    const long = commandLine('ADD', ['x'.repeat(4_000)], 1);
    let taken = 0;
    await expect(async () => {
      for (; taken < 100; taken++) await writeCommand(pipe, long);
    }).rejects.toThrow(/it is full/);
    expect(taken).toBeGreaterThan(0);
    let bytes = 0;
    for (;;) {
      const { bytesRead } = await reader.read(Buffer.alloc(65_536), 0, 65_536, null).catch(() => ({ bytesRead: 0 }));
      if (bytesRead === 0) break;
      bytes += bytesRead;
    }
    expect(bytes).toBe(taken * long.length);
  });

  test('nothing is written to a plain file, a link to one, or a folder', async () => {
    const file = join(folder, 'plain');
    writeFileSync(file, 'before');
    symlinkSync(file, join(folder, 'link'));
    mkdirSync(join(folder, 'inner'));
    for (const name of ['plain', 'link', 'inner']) {
      expect(await refusal(join(folder, name))).toMatch(/is no named pipe, so nothing was written\n {2}→ /);
    }
    expect(readFileSync(file, 'utf8')).toBe('before');
  });

  test('a file that is not there is named', async () => {
    expect(await refusal(join(folder, 'gone'))).toMatch(/gone: it does not exist\n {2}→ Check its path/);
  });

  test('nothing is written but one line that the pipe takes in one piece', async () => {
    await read(pipe);
    for (const text of ['no end', 'two\nlines\n', `${'x'.repeat(mostBytes)}\n`]) {
      expect(await refusal(pipe, text)).toMatch(/is not one line of at most 4096 bytes/);
    }
  });
});
