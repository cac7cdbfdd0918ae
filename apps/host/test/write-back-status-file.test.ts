import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MonitoredObject } from '@tocsin/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type MonitorStatus, StatusReader } from '../src/write-back/status-blocks.ts';
import { readStatus, statusReader } from '../src/write-back/status-file.ts';

// What the status file of a monitor says of one host or service; on files that a real Nagios wrote.

const data = join(import.meta.dirname, 'data', 'nagios');
const acknowledged = join(data, 'acknowledged.dat');
const removed = join(data, 'removed.dat');

const at = (seconds: number) => seconds * 1_000;

describe('a file of Nagios 4.4.6', () => {
  test('shows a host’s acknowledgements, the newest first', async () => {
    expect(await readStatus(acknowledged, { host: 'web-1' })).toEqual({
      writtenAt: at(1_795_325_726),
      object: {
        state: 'DOWN',
        isProblem: true,
        isAcknowledged: true,
        isSticky: true,
        acknowledgements: [
          { author: 'Bob', comment: 'me too', at: at(1_795_325_725) },
          {
            author: 'Anna "x" <b> Größe',
            comment: 'I look – ü; $(id) `x` \\n {}  = a=b',
            at: at(1_795_325_725),
          },
        ],
      },
    });
  });

  test('shows each service for itself', async () => {
    const stateOf = async (file: string, service: string) =>
      (await readStatus(file, { host: 'web-1', service }))?.object;
    expect(await stateOf(acknowledged, 'Größe & "x"')).toMatchObject({
      state: 'WARNING',
      isAcknowledged: true,
      acknowledgements: [{ author: 'Bob', comment: 'svc' }],
    });
    expect(await stateOf(acknowledged, 'HTTP')).toEqual({
      state: 'CRITICAL',
      isProblem: true,
      isAcknowledged: false,
      isSticky: false,
      acknowledgements: [],
    });
    expect(await stateOf(removed, 'Größe & "x"')).toMatchObject({
      state: 'OK',
      isProblem: false,
      isAcknowledged: false,
    });
  });

  test('says that an acknowledgement is gone, though its persistent comment is there', async () => {
    expect((await readStatus(removed, { host: 'web-1' }))?.object).toMatchObject({
      isProblem: true,
      isAcknowledged: false,
      acknowledgements: [{ author: 'Bob' }, { author: 'Anna "x" <b> Größe' }],
    });
  });

  test('knows no object by a part of its name, by a name in another case, or by a pattern', async () => {
    for (const of of [{ host: 'web' }, { host: 'eb-1' }, { host: 'WEB-1' }, { host: 'web-.' }, { host: '' }]) {
      expect(await readStatus(acknowledged, of)).toEqual({ writtenAt: at(1_795_325_726), object: undefined });
    }
    expect((await readStatus(acknowledged, { host: 'web-1', service: 'HTT' }))?.object).toBeUndefined();
  });

  test('is the same however it is cut into pieces', () => {
    const bytes = readFileSync(acknowledged);
    const whole = read(bytes, [], { host: 'web-1' });
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 30 }), (cuts) => {
        expect(read(bytes, cuts, { host: 'web-1' })).toEqual(whole);
      }),
    );
  });

  test('is no answer where it ends early: it is being written', () => {
    const bytes = readFileSync(acknowledged);
    const ends: number[] = [];
    for (let end = 0; end < bytes.length - 1; end++) {
      if (read(bytes.subarray(0, end), [], { host: 'web-1' })) ends.push(end);
    }
    // What is cut right after a block can't be told from a whole file.
    const blockEnds = [...bytes.toString('latin1').matchAll(/\n\t}\n/g)].map(({ index }) => index + 4);
    expect(ends).toEqual(blockEnds.flatMap((end) => [end, end + 1]).slice(0, -2));
  });
});

describe('a file of any monitor', () => {
  const name = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 20 })
    .map((text) => text.toWellFormed().replace(/[\n\r\0]/g, '_'));
  const text = fc.oneof(
    name,
    fc.constantFrom('info {', '\t}', 'hoststatus {', '\tcreated=1', 'host_name=a', 'x\thost_name=a', '=', ''),
  );
  const object = fc.record({
    host: fc.oneof(name, fc.constant('a')),
    service: fc.option(name, { nil: undefined }),
    state: fc.integer({ min: 0, max: 2 }),
    isAcknowledged: fc.boolean(),
    output: text,
    comments: fc.array(
      fc.record({ author: text, comment: text, at: fc.integer({ min: 1, max: 9 }), type: fc.constantFrom(1, 4) }),
      {
        maxLength: 3,
      },
    ),
  });

  test('every object is found with what is its own, whatever texts stand beside it', () => {
    const objects = fc.uniqueArray(object, {
      selector: ({ host, service }) => JSON.stringify([host, service]),
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(objects, fc.array(fc.nat(4_000), { maxLength: 5 }), (all, cuts) => {
        const bytes = Buffer.from(written(all));
        for (const { host, service, state, isAcknowledged, comments } of all) {
          const own = comments
            .map((comment, id) => ({ ...comment, id }))
            .filter(({ type }) => type === 4)
            .sort((left, right) => right.at - left.at || right.id - left.id)
            .map(({ author, comment, at: seconds }) => ({ author, comment, at: at(seconds) }));
          expect(read(bytes, cuts, { host, service })).toMatchObject({
            writtenAt: at(77),
            object: { isProblem: state !== 0, isAcknowledged, acknowledgements: own },
          });
        }
      }),
    );
  });

  type Written = {
    host: string;
    service: string | undefined;
    state: number;
    isAcknowledged: boolean;
    output: string;
    comments: { author: string; comment: string; at: number; type: number }[];
  };

  function written(all: Written[]): string {
    const block = (kind: string, fields: object) =>
      `${kind} {\n${Object.entries(fields)
        .filter(([, value]) => value !== undefined)
        .map(([field, value]) => `\t${field}=${value}\n`)
        .join('')}\t}\n\n`;
    const names = ({ host, service }: Written) => ({ host_name: host, service_description: service });
    const kind = ({ service }: Written) => (service === undefined ? 'host' : 'service');
    return [
      '# A STATUS FILE\n\n',
      block('info', { created: 77, version: '4.4.6' }),
      ...all.map((one) =>
        block(`${kind(one)}status`, {
          ...names(one),
          plugin_output: one.output,
          current_state: one.state,
          problem_has_been_acknowledged: Number(one.isAcknowledged),
        }),
      ),
      ...all.flatMap((one) =>
        one.comments.map((comment, id) =>
          block(`${kind(one)}comment`, {
            ...names(one),
            entry_type: comment.type,
            comment_id: id,
            entry_time: comment.at,
            author: comment.author,
            comment_data: comment.comment,
          }),
        ),
      ),
    ].join('');
  }
});

describe('files', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tocsin-status-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('a large one is read in memory that does not grow with it', async () => {
    const file = join(folder, 'large.dat');
    const [head = '', ...blocks] = readFileSync(acknowledged, 'utf8').split(/(?<=\n\t}\n)/);
    const others = blocks.join('').replaceAll('web-1', 'other-host');
    writeFileSync(file, head);
    for (let size = 0; size < 200 * 1024 * 1024; size += Buffer.byteLength(others) * 500) {
      writeFileSync(file, others.repeat(500), { flag: 'a' });
    }
    writeFileSync(file, blocks.join(''), { flag: 'a' });
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().arrayBuffers);
    }, 1);
    const before = process.memoryUsage().arrayBuffers;
    const status = await readStatus(file, { host: 'web-1' });
    clearInterval(watch);
    expect(status?.object?.acknowledgements).toHaveLength(2);
    expect(most - before).toBeLessThan(16 * 1024 * 1024);
  });

  test('what is no status file is refused before it fills the memory', async () => {
    const file = join(folder, 'zeros');
    writeFileSync(file, Buffer.alloc(20 * 1024 * 1024));
    await expect(readStatus(file, { host: 'a' })).rejects.toThrow(/zeros: it has no blocks/);
  });

  test('one that can not be read says why and what to do', async () => {
    await expect(readStatus(join(folder, 'gone'), { host: 'a' })).rejects.toMatchObject({
      message: `can’t read Nagios’ status file ${join(folder, 'gone')}: it does not exist`,
      remedy: expect.stringContaining('`status_file`'),
    });
    await expect(readStatus(folder, { host: 'a' })).rejects.toThrow(/it is a folder/);
  });

  test('one that was replaced is read anew, the same one is not', async () => {
    const file = join(folder, 'status.dat');
    const replace = (text: Buffer) => {
      writeFileSync(`${file}.new`, text);
      renameSync(`${file}.new`, file);
    };
    replace(readFileSync(acknowledged));
    const read = statusReader(file, { host: 'web-1' });
    const first = await read();
    expect(await read()).toBe(first);
    replace(readFileSync(removed));
    expect((await read())?.object).toMatchObject({ isAcknowledged: false });
  });
});

function read(bytes: Buffer, cuts: readonly number[], of: MonitoredObject): MonitorStatus | undefined {
  const reader = new StatusReader(of);
  const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length].sort(
    (left, right) => left - right,
  );
  for (const [index, place] of places.slice(1).entries()) {
    const piece = bytes.subarray(places[index], place);
    piece.copy(reader.space);
    reader.take(piece.length);
  }
  return reader.end();
}
