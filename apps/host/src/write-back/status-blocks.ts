import type { MonitoredObject } from '@tocsin/core';

/*
 * The status file of Nagios, Naemon and what is built on them: blocks of a kind, each line of which is a name and a value.
 * https://github.com/NagiosEnterprises/nagioscore/blob/nagios-4.4.6/xdata/xsddefault.c
 */

/** One person's acknowledgement, from its comment. */
export interface Acknowledgement {
  author: string;
  comment: string;
  /** When, in milliseconds; the file has whole seconds. */
  at: number;
}

/** What the monitor says of one host or service. */
export interface ObjectStatus {
  /** Such as DOWN or CRITICAL; PENDING before the first check. */
  state: string;
  isProblem: boolean;
  isAcknowledged: boolean;
  /** Whether it stays until the recovery, and not only until the next change of the state. */
  isSticky: boolean;
  /** The newest first, at most 20. Those of earlier problems are here too: persistent comments outlive them. */
  acknowledgements: Acknowledgement[];
}

/** What a status file holds of one object. */
export interface MonitorStatus {
  /** When the monitor wrote the file, in milliseconds; it has whole seconds. */
  writtenAt: number;
  /** None where the file doesn't know it. */
  object: ObjectStatus | undefined;
}

/** In bytes: few turns of the event loop for a large file, none of them long. */
const pieceSize = 512 * 1024;

/** Far more than any block: the monitor bounds the texts in it. */
const longestBlock = 8 * 1024 * 1024;

const mostAcknowledgements = 20;
const blockEnd = Buffer.from('\n\t}\n');
const states = { host: ['UP', 'DOWN', 'UNREACHABLE'], service: ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'] } as const;

/**
 * Reads a status file piece by piece, in memory that doesn't grow with the file: blocks are looked for by the bytes of the
 * host's name, and only those that have them become text.
 */
export class StatusReader {
  readonly #of: MonitoredObject;
  readonly #marks: Buffer[];
  /** Begins with a block that hasn't ended yet. */
  #buffer = Buffer.allocUnsafe(pieceSize);
  #filled = 0;
  #writtenAt: number | undefined;
  #object: Omit<ObjectStatus, 'acknowledgements'> | undefined;
  #acknowledgements: (Acknowledgement & { id: number })[] = [];

  constructor(of: MonitoredObject) {
    this.#of = of;
    // A value may end with the second, as it may have a tab; it has no line end, so none has the first.
    this.#marks = ['info {\n\tcreated=', `\thost_name=${of.host}\n`].map((mark) => Buffer.from(mark));
  }

  /** Where the file's next bytes belong; never empty. */
  get space(): Buffer {
    return this.#buffer.subarray(this.#filled);
  }

  /** Reads what was put there; throws an `Error` where this can be no status file. */
  take(count: number): void {
    this.#filled += count;
    const bytes = this.#buffer.subarray(0, this.#filled);
    const end = bytes.lastIndexOf(blockEnd);
    const whole = end < 0 ? 0 : end + blockEnd.length;
    for (const block of this.#marked(bytes.subarray(0, whole))) this.#read(block);
    this.#buffer.copyWithin(0, whole, this.#filled);
    this.#filled -= whole;
    if (this.#filled < this.#buffer.length) return;
    if (this.#filled >= longestBlock) throw new Error('it has no blocks');
    this.#buffer = Buffer.concat([this.#buffer], this.#buffer.length * 2);
  }

  /** Nothing where the file isn't whole: it is being written, or is no status file. */
  end(): MonitorStatus | undefined {
    if (this.#writtenAt === undefined || this.#buffer.toString('latin1', 0, this.#filled).trim() !== '')
      return undefined;
    const acknowledgements = this.#acknowledgements.map(({ id: _, ...acknowledgement }) => acknowledgement);
    return { writtenAt: this.#writtenAt, object: this.#object && { ...this.#object, acknowledgements } };
  }

  /** The texts of the blocks that have one of the marks. */
  *#marked(blocks: Buffer): Generator<string> {
    for (const mark of this.#marks) {
      let at = blocks.indexOf(mark);
      while (at >= 0) {
        const end = blocks.indexOf(blockEnd, at);
        const begin = blocks.lastIndexOf(blockEnd, at);
        yield blocks.toString('utf8', begin < 0 ? 0 : begin + blockEnd.length, end);
        at = blocks.indexOf(mark, end);
      }
    }
  }

  #read(block: string): void {
    const opening = block.indexOf(' {\n');
    const kind = block.slice(block.lastIndexOf('\n', opening) + 1, opening);
    const fields = new Map(
      block
        .slice(opening)
        .split('\n')
        .map((line) => {
          const equals = line.indexOf('=');
          return [line.slice(1, equals), line.slice(equals + 1)];
        }),
    );
    if (kind === 'info') this.#writtenAt ??= Number(fields.get('created')) * 1_000;
    if (fields.get('host_name') !== this.#of.host || fields.get('service_description') !== this.#of.service) return;
    if (kind === 'hoststatus' || kind === 'servicestatus') this.#object = statusOf(fields, kind);
    if (kind === 'hostcomment' || kind === 'servicecomment') this.#keep(fields);
  }

  /** https://github.com/NagiosEnterprises/nagioscore/blob/nagios-4.4.6/include/comments.h */
  #keep(fields: ReadonlyMap<string, string>): void {
    if (fields.get('entry_type') !== '4') return;
    this.#acknowledgements.push({
      author: fields.get('author') ?? '',
      comment: fields.get('comment_data') ?? '',
      at: Number(fields.get('entry_time')) * 1_000,
      id: Number(fields.get('comment_id')),
    });
    this.#acknowledgements.sort((left, right) => right.at - left.at || right.id - left.id);
    this.#acknowledgements.length = Math.min(this.#acknowledgements.length, mostAcknowledgements);
  }
}

function statusOf(
  fields: ReadonlyMap<string, string>,
  kind: 'hoststatus' | 'servicestatus',
): Omit<ObjectStatus, 'acknowledgements'> {
  const number = Number(fields.get('current_state'));
  const names: readonly string[] = kind === 'hoststatus' ? states.host : states.service;
  return {
    state: number === 0 && fields.get('has_been_checked') === '0' ? 'PENDING' : (names[number] ?? `${number}`),
    isProblem: number !== 0,
    isAcknowledged: fields.get('problem_has_been_acknowledged') === '1',
    isSticky: fields.get('acknowledgement_type') === '2',
  };
}
