import { TocsinError } from '@tocsin/core';
import { describe, expect, test } from 'vitest';
import { acknowledgeNagios, type NagiosOptions, unacknowledgeNagios } from '../src/write-back/nagios.ts';
import type { Acknowledgement, ObjectStatus } from '../src/write-back/status-blocks.ts';

// What a press becomes in Nagios, and what is said of it; with a clock, a pipe and a status file of the test's own.

const files = { commandFile: '/nagios.cmd', statusFile: '/status.dat' };
const anna = { host: 'web-1', author: 'Anna', comment: 'I look at it' };
const begin = 1_795_325_726_400;

const down: ObjectStatus = {
  state: 'DOWN',
  isProblem: true,
  isAcknowledged: false,
  isSticky: false,
  acknowledgements: [],
};
const up: ObjectStatus = { ...down, state: 'UP', isProblem: false };
const byBob: Acknowledgement = { author: 'Bob', comment: 'mine', at: begin - 60_000 };
const bobs: ObjectStatus = { ...down, isAcknowledged: true, isSticky: true, acknowledgements: [byBob] };

/** A Nagios that does commands at once and writes its status file every ten seconds; the last time is four seconds ago. */
class FakeNagios {
  now = begin;
  lines: string[] = [];
  /** What it does with a command. */
  obey: (line: string) => void = (line) => {
    const [, command = '', ...fields] = /^\[\d+\] (\w+);(.*)\n$/.exec(line) ?? [];
    const [author = '', comment = ''] = fields.join('').split(';').slice(-2);
    if (command.startsWith('REMOVE_')) this.object = { ...this.known, isAcknowledged: false };
    else if (this.known.isProblem) this.object = this.acknowledgedBy(author, comment);
  };
  /** What happens, by the time in milliseconds since the beginning. */
  events: [number, () => void][] = [];
  object: ObjectStatus | undefined;
  isRunning = true;
  #file: { writtenAt: number; object: ObjectStatus | undefined };

  constructor(object: ObjectStatus | undefined, inFile = object, fileIsOld = 4_000) {
    this.object = object;
    this.#file = { writtenAt: seconds(begin - fileIsOld), object: inFile };
  }

  get known(): ObjectStatus {
    return this.object ?? down;
  }

  acknowledgedBy(author: string, comment: string): ObjectStatus {
    const own = { author, comment, at: seconds(this.now) };
    return {
      ...this.known,
      isAcknowledged: true,
      isSticky: true,
      acknowledgements: [own, ...this.known.acknowledgements],
    };
  }

  options(more: NagiosOptions = {}): NagiosOptions {
    return {
      ...more,
      surroundings: {
        now: () => this.now,
        sleep: async (milliseconds) => this.#pass(milliseconds),
        write: async (file, line) => {
          expect(file).toBe(files.commandFile);
          this.lines.push(line);
          if (this.isRunning) this.obey(line);
        },
        reader: (file, of) => {
          expect([file, of.host]).toEqual([files.statusFile, 'web-1']);
          return async () => this.#file;
        },
      },
    };
  }

  #pass(milliseconds: number): void {
    for (const end = this.now + milliseconds; this.now < end; ) {
      this.now = Math.min(end, this.now + 100);
      while (this.events[0] && this.now - begin >= this.events[0][0]) this.events.shift()?.[1]();
      const isDue = this.now - this.#file.writtenAt >= 10_000;
      if (isDue && this.isRunning) this.#file = { writtenAt: seconds(this.now), object: this.object };
    }
  }
}

describe('acknowledgeNagios', () => {
  test('seed-O14: tells Nagios who acknowledges, without a notification, and resolves when its file shows it', async () => {
    const nagios = new FakeNagios(down);
    expect(await acknowledgeNagios(files, anna, nagios.options())).toEqual({ result: 'acknowledged' });
    expect(nagios.lines).toEqual(['[1795325726] ACKNOWLEDGE_HOST_PROBLEM;web-1;2;0;1;Anna;I look at it\n']);
    expect(nagios.now - begin).toBeLessThan(10_000);
  });

  test('seed-O14: names the service', async () => {
    const nagios = new FakeNagios({ ...down, state: 'CRITICAL' });
    await acknowledgeNagios(files, { ...anna, service: 'HTTP' }, nagios.options());
    expect(nagios.lines).toEqual(['[1795325726] ACKNOWLEDGE_SVC_PROBLEM;web-1;HTTP;2;0;1;Anna;I look at it\n']);
  });

  test('a problem that the file does not know yet is acknowledged: the file is older than the alert', async () => {
    const nagios = new FakeNagios(down, up);
    expect(await acknowledgeNagios(files, anna, nagios.options())).toEqual({ result: 'acknowledged' });
  });

  test('a file of the same second may be older, and is not taken for newer', async () => {
    const nagios = new FakeNagios(down, up, 0);
    expect(await acknowledgeNagios(files, anna, nagios.options())).toEqual({ result: 'acknowledged' });
  });

  test('an author whose name can not stand in a command is known again', async () => {
    const nagios = new FakeNagios(down);
    const outcome = await acknowledgeNagios(files, { ...anna, author: ' Anna;\nMüller ' }, nagios.options());
    expect(outcome).toEqual({ result: 'acknowledged' });
    expect(nagios.lines[0]).toContain(';Anna Müller;');
  });

  test('what somebody has acknowledged is left as it is, and that is named', async () => {
    const nagios = new FakeNagios(bobs);
    expect(await acknowledgeNagios(files, anna, nagios.options())).toEqual({
      result: 'already-acknowledged',
      by: byBob,
    });
    expect(nagios.lines).toEqual([]);
  });

  test('an acknowledgement of an earlier problem, which an old file shows, is not taken for one of this', async () => {
    const nagios = new FakeNagios({ ...down, acknowledgements: [byBob] }, bobs);
    expect(await acknowledgeNagios(files, anna, nagios.options())).toEqual({ result: 'acknowledged' });
  });

  test('`again` acknowledges what somebody has acknowledged', async () => {
    const nagios = new FakeNagios(bobs);
    expect(await acknowledgeNagios(files, anna, nagios.options({ again: true }))).toEqual({ result: 'acknowledged' });
    expect(nagios.lines).toHaveLength(1);
  });

  test('an earlier acknowledgement of the same person is not taken for the new one', async () => {
    const nagios = new FakeNagios({ ...bobs, acknowledgements: [{ ...byBob, author: 'Anna' }] });
    nagios.obey = () => {};
    const outcome = await acknowledgeNagios(files, anna, nagios.options({ again: true }));
    expect(outcome).toMatchObject({ result: 'already-acknowledged' });
    expect(nagios.lines).toHaveLength(1);
  });

  test('a command that Nagios does later is waited for, though somebody was faster', async () => {
    const nagios = new FakeNagios(down);
    const { obey } = nagios;
    nagios.obey = (line) => nagios.events.push([12_000, () => obey(line)]);
    nagios.events = [[100, () => (nagios.object = nagios.acknowledgedBy('Bob', 'faster'))]];
    expect(await acknowledgeNagios(files, anna, nagios.options())).toEqual({ result: 'acknowledged' });
  });

  test('somebody who is faster is named where the own command does nothing', async () => {
    const nagios = new FakeNagios(down);
    nagios.obey = () => {};
    nagios.events = [[100, () => (nagios.object = nagios.acknowledgedBy('Bob', 'faster'))]];
    expect(await acknowledgeNagios(files, anna, nagios.options())).toMatchObject({
      result: 'already-acknowledged',
      by: { author: 'Bob', comment: 'faster' },
    });
  });

  test('what has recovered is no problem any more', async () => {
    expect(await acknowledgeNagios(files, anna, new FakeNagios(up, down).options())).toEqual({
      result: 'no-problem',
      state: 'UP',
    });
    const later = new FakeNagios(down);
    later.events = [[1_000, () => (later.object = up)]];
    expect(await acknowledgeNagios(files, anna, later.options())).toEqual({ result: 'no-problem', state: 'UP' });
  });

  async function refusal(nagios: FakeNagios, of = anna): Promise<TocsinError> {
    const error: unknown = await acknowledgeNagios(files, of, nagios.options()).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(TocsinError);
    return error as TocsinError; // just seen to be one
  }

  test('fault: a Nagios that takes the command and does nothing is told after the patience, with the likely causes', async () => {
    const nagios = new FakeNagios(down);
    nagios.obey = () => {};
    const error = await refusal(nagios);
    expect(error.toText()).toMatch(
      /^Nagios took the command for host web-1 and did nothing within 50 s\n {2}→ .*check_external_commands=1.*same Nagios/,
    );
    expect(nagios.now - begin).toBe(50_000);
    expect(nagios.lines).toHaveLength(1);
  });

  test('fault: a status file that nobody writes any more is told, with its time', async () => {
    const nagios = new FakeNagios(down);
    nagios.isRunning = false;
    expect((await refusal(nagios)).toText()).toMatch(
      /^the command was written, but Nagios’ status file \/status\.dat is of 2026-11-22T05:35:22\.000Z and was not renewed within 50 s\n {2}→ /,
    );
  });

  test('fault: an object that the file does not know is told as soon as the file is new, and nothing is written', async () => {
    const nagios = new FakeNagios(undefined);
    const error = await refusal(nagios);
    expect(error).toMatchObject({ code: 'not-found', message: 'Nagios’ status file /status.dat knows no host web-1' });
    expect(nagios.now - begin).toBeLessThan(10_000);
    expect(nagios.lines).toEqual([]);
  });

  test('an object that Nagios has known for seconds is found', async () => {
    const nagios = new FakeNagios(down, undefined);
    nagios.events = [[100, () => {}]];
    expect(await acknowledgeNagios(files, anna, nagios.options())).toEqual({ result: 'acknowledged' });
  });

  test('a name that can not stand in a command is refused, not changed into another', async () => {
    const nagios = new FakeNagios(down);
    const error = await refusal(nagios, { ...anna, service: 'HT;TP' } as typeof anna);
    expect(error).toMatchObject({ code: 'payload' });
    expect(nagios.lines).toEqual([]);
  });

  test('a pipe that can not be written to is an error at once', async () => {
    const nagios = new FakeNagios(down);
    const options = nagios.options();
    const write = () => Promise.reject(new TocsinError('egress', 'nobody reads it'));
    const surroundings = { ...options.surroundings!, write };
    await expect(acknowledgeNagios(files, anna, { surroundings })).rejects.toThrow('nobody reads it');
    expect(nagios.now).toBe(begin);
  });

  test('a status file that is gone for a moment, after the command, is waited for', async () => {
    const nagios = new FakeNagios(down);
    const options = nagios.options();
    const reader: NonNullable<NagiosOptions['surroundings']>['reader'] = (file, of) => {
      const read = options.surroundings!.reader(file, of);
      let times = 0;
      return async () => {
        if (++times === 2) throw new TocsinError('config', 'it does not exist');
        return read();
      };
    };
    const surroundings = { ...options.surroundings!, reader };
    expect(await acknowledgeNagios(files, anna, { surroundings })).toEqual({ result: 'acknowledged' });
  });
});

describe('unacknowledgeNagios', () => {
  test('takes it back, and resolves when the file shows it', async () => {
    const nagios = new FakeNagios(bobs);
    expect(await unacknowledgeNagios(files, { host: 'web-1' }, nagios.options())).toEqual({ result: 'unacknowledged' });
    expect(nagios.lines).toEqual(['[1795325726] REMOVE_HOST_ACKNOWLEDGEMENT;web-1\n']);
  });

  test('names the service', async () => {
    const nagios = new FakeNagios(bobs);
    await unacknowledgeNagios(files, { host: 'web-1', service: 'HTTP' }, nagios.options());
    expect(nagios.lines).toEqual(['[1795325726] REMOVE_SVC_ACKNOWLEDGEMENT;web-1;HTTP\n']);
  });

  test('what nobody has acknowledged is left, once a new file says so', async () => {
    const nagios = new FakeNagios(down);
    expect(await unacknowledgeNagios(files, { host: 'web-1' }, nagios.options())).toEqual({
      result: 'not-acknowledged',
    });
    expect(nagios.lines).toEqual([]);
    const late = new FakeNagios(bobs, down);
    expect(await unacknowledgeNagios(files, { host: 'web-1' }, late.options())).toEqual({ result: 'unacknowledged' });
  });

  test('what has recovered is no problem any more', async () => {
    const nagios = new FakeNagios(up, bobs);
    expect(await unacknowledgeNagios(files, { host: 'web-1' }, nagios.options())).toEqual({
      result: 'no-problem',
      state: 'UP',
    });
  });

  test('fault: a Nagios that does nothing is told', async () => {
    const nagios = new FakeNagios(bobs);
    nagios.obey = () => {};
    await expect(unacknowledgeNagios(files, { host: 'web-1' }, nagios.options())).rejects.toThrow(/did nothing/);
  });
});

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1_000) * 1_000;
}
