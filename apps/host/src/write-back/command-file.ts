import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { TocsinError } from '@tocsin/core';

/*
 * External commands of Nagios, Naemon and what is built on them: one line each into a named pipe.
 * https://assets.nagios.com/downloads/nagioscore/docs/nagioscore/4/en/extcommands.html
 */

/** What a named pipe takes whole or not at all, in bytes, so that the lines of two writers never mix: pipe(7). */
const longestLine = 4_096;

/**
 * The line of an external command, with its line end: `[<seconds>] NAME;field;…`. In every field, control characters,
 * line ends and `;` become a blank. The last one, a comment by custom, is cut between visible characters where the line
 * would be longer than 4,096 bytes; throws where that isn't enough, or where nothing is left of a field, as Nagios drops
 * such a command without a word.
 */
export function commandLine(name: string, fields: readonly (string | number)[], seconds: number): string {
  const cleaned = fields.map((field) => cleanField(String(field)));
  if (cleaned.includes('')) throw unusable(name, 'one of its fields is empty');
  const begin = [`[${Math.floor(seconds)}] ${name}`, ...cleaned.slice(0, -1)].join(';');
  const last = cleaned.at(-1);
  if (last === undefined) return `${begin}\n`;
  const room = longestLine - Buffer.byteLength(`${begin};\n`);
  if (room < Buffer.byteLength(ellipsis)) throw unusable(name, `it is longer than ${longestLine} bytes`);
  return `${begin};${shortened(last, room)}\n`;
}

/** What a field becomes in a command, and so what Nagios shows of it. */
export function cleanField(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp};]+/gu, ' ')
    .trim();
}

/**
 * Writes a line into Nagios' command file, in one piece and without waiting. That it was written says that Nagios gets
 * it, not that Nagios does it. Throws where the file is no named pipe, where nobody reads it, or where it is full.
 */
export async function writeCommand(file: string, line: string): Promise<void> {
  const bytes = Buffer.from(line);
  if (bytes.length > longestLine || line.indexOf('\n') !== line.length - 1) {
    throw new TocsinError('integration', `a command for ${file} is not one line of at most ${longestLine} bytes`);
  }
  // Looked at before it is opened, as opening a device may do something; and after, as it may have been replaced.
  demandPipe(file, await attempted(file, stat(file)));
  const pipe = await attempted(file, open(file, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY));
  try {
    demandPipe(file, await pipe.stat());
    await writeWhole(file, pipe, bytes);
  } finally {
    await pipe.close();
  }
}

const ellipsis = '…';
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** At most `most` bytes of UTF-8, cut between visible characters. */
function shortened(text: string, most: number): string {
  if (Buffer.byteLength(text) <= most) return text;
  let room = most - Buffer.byteLength(ellipsis);
  let kept = '';
  // A code unit takes a byte at least: what fits is in the first `most` of them.
  for (const { segment } of segmenter.segment(text.slice(0, most))) {
    room -= Buffer.byteLength(segment);
    if (room < 0) break;
    kept += segment;
  }
  return kept.trimEnd() + ellipsis;
}

function demandPipe(file: string, found: Stats): void {
  if (found.isFIFO()) return;
  throw new TocsinError('config', `Nagios’ command file ${file} is no named pipe, so nothing was written`, {
    remedy:
      'Give the `command_file` of Nagios’ main configuration. Where that is what this is, start Nagios, which makes the ' +
      'pipe, and see that nothing else makes a plain file there while Nagios is down.',
  });
}

async function writeWhole(file: string, pipe: FileHandle, bytes: Buffer): Promise<void> {
  // No position: a pipe has none.
  const { bytesWritten } = await attempted(file, pipe.write(bytes, 0, bytes.length, null));
  if (bytesWritten === bytes.length) return;
  throw new TocsinError(
    'egress',
    `Nagios’ command file ${file} took ${bytesWritten} of ${bytes.length} bytes, so the command is broken`,
    { remedy: 'See that the command file is on a local file system, and that Nagios reads it.' },
  );
}

async function attempted<Value>(file: string, attempt: Promise<Value>): Promise<Value> {
  try {
    return await attempt;
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? ''; // what node:fs throws
    const [why, remedy] = meanings[code] ?? [code || String(cause), 'See what the operating system says of this file.'];
    throw new TocsinError('egress', `can’t write to Nagios’ command file ${file}: ${why}`, { remedy, cause });
  }
}

const notRunning = 'Start Nagios, and see that its main configuration has `check_external_commands=1`.';
const notAllowed =
  'Let the user of this host write there: its group is usually the one of Nagios’ `command_file`, such as nagcmd.';

/** Why, and what to do, by the codes of the operating system. */
const meanings: Readonly<Record<string, readonly [string, string]>> = {
  ENXIO: ['nobody reads it', notRunning],
  EPIPE: ['who read it is gone', notRunning],
  EAGAIN: ['it is full: Nagios does not read it', 'See why Nagios stands still; its log may say it.'],
  ENOENT: ['it does not exist', `Check its path. ${notRunning}`],
  ENOTDIR: ['it does not exist', 'Check its path: a part of it is no folder.'],
  EACCES: ['this host may not', notAllowed],
  EPERM: ['this host may not', notAllowed],
};

function unusable(name: string, why: string): TocsinError {
  return new TocsinError('payload', `the command ${name} can’t be written for Nagios: ${why}`, {
    remedy: 'Give a shorter text where it is too long, and one with a visible character where it is empty.',
  });
}
