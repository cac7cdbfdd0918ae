import { closeSync, existsSync, fdatasyncSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { TocsinError } from '@tocsin/core/base';

/** Laid out in advance, and again when a storm fills it: a sync that doesn't change the file's size is several times faster. */
const step = 4 * 1024 * 1024;
const largest = 32 * 1024 * 1024;
/** Number of the entry (8 bytes), length (4), checksum of number and text (4). */
const headerSize = 16;

/** The journal's file beside its database. */
export function journalOf(database: string): string {
  return `${database}-redo`;
}

/**
 * What was acknowledged and is not in the database yet, one entry a transaction, each on the disk before it is answered.
 * The database takes many entries in one transaction of its own and remembers the number of the last; after a crash
 * the entries after that one are applied again. Numbers rise by one: what an earlier round left behind the last entry
 * is not taken for one.
 */
export class Journal {
  readonly #descriptor: number;
  readonly #isSynced: boolean;
  readonly #isChecked: boolean;
  #capacity: number;
  #position = 0;
  /** Whether something was written that no sync has covered. */
  #isUnsynced = false;

  /**
   * Opens the file, and makes it where there is none. Throws a TocsinError `store` where there has to be one (`isNeeded`),
   * because what it held is in no table.
   */
  constructor(file: string, isSynced: boolean, isNeeded = false, isChecked = true) {
    this.#isSynced = isSynced;
    this.#isChecked = isChecked;
    if (isNeeded && !existsSync(file)) throw missing(file);
    this.#descriptor = openFile(file);
    this.#capacity = fstatSync(this.#descriptor).size;
  }

  /** The texts of the entries that follow the one with this number. Throws a TocsinError `store` for a gap. */
  read(after: number): string[] {
    const texts: string[] = [];
    const capacity = this.#capacity;
    const bytes = Buffer.alloc(capacity);
    for (let at = 0; at < capacity; ) {
      const read = readSync(this.#descriptor, bytes, at, capacity - at, at);
      if (read === 0) break;
      at += read;
    }
    let position = 0;
    let expected: number | undefined;
    while (position + headerSize <= capacity) {
      const number = Number(bytes.readBigUInt64LE(position));
      const length = bytes.readUInt32LE(position + 8);
      const end = position + headerSize + length;
      if (length === 0 || (expected !== undefined && number !== expected)) break;
      if (end > capacity) {
        if (this.#isChecked && number === (expected ?? after + 1)) throw damaged(number);
        break;
      }
      const text = bytes.subarray(position + headerSize, end);
      if (bytes.readUInt32LE(position + 12) !== checksum(number, text)) break;
      if (number > after) {
        if (texts.length === 0 && number !== after + 1) throw foreign(after, number);
        texts.push(text.toString('utf8'));
      }
      expected = number + 1;
      position = end;
    }
    const next = expected ?? after + 1;
    if (this.#isChecked && (isCutOff(bytes, position) || hasEntryAfter(bytes, position, next))) throw damaged(next);
    this.#position = texts.length > 0 ? position : 0;
    return texts;
  }

  hasRoomFor(text: Buffer): boolean {
    return this.#position + headerSize + text.length <= largest;
  }

  /** The entry is durable once `sync` has ended. */
  append(number: number, text: Buffer): void {
    const entry = Buffer.allocUnsafe(headerSize + text.length);
    entry.writeBigUInt64LE(BigInt(number), 0);
    entry.writeUInt32LE(text.length, 8);
    entry.writeUInt32LE(checksum(number, text), 12);
    text.copy(entry, headerSize);
    while (this.#position + entry.length > this.#capacity) this.#grow();
    this.#isUnsynced = this.#isSynced;
    write(this.#descriptor, entry, this.#position);
    this.#position += entry.length;
  }

  /** Makes durable what was appended so far. */
  sync(): void {
    if (!this.#isUnsynced) return;
    fdatasyncSync(this.#descriptor);
    this.#isUnsynced = false;
  }

  /** Forgets all entries: the database has them. */
  reset(): void {
    this.#position = 0;
    this.#isUnsynced = false;
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #grow(): void {
    layOut(this.#descriptor, this.#capacity);
    this.#capacity += step;
  }
}

/** It ends with an entry, or within one: the room after the last is laid out before it is written. */
function isCutOff(bytes: Buffer, position: number): boolean {
  if (bytes.length % step === 0 || bytes.length - position >= headerSize) return false;
  return position > 0 || bytes.some((byte) => byte !== 0);
}

/** How many numbers further on an entry is looked for. */
const lookAhead = 8;

/** Whether entries follow the one that can't be read: a power cut tears the last alone. */
function hasEntryAfter(bytes: Buffer, position: number, unreadable: number): boolean {
  const wanted = Buffer.alloc(8);
  for (let number = unreadable + 1; number <= unreadable + lookAhead; number++) {
    wanted.writeBigUInt64LE(BigInt(number));
    for (let at = bytes.indexOf(wanted, position); at >= 0; at = bytes.indexOf(wanted, at + 1)) {
      if (at + headerSize > bytes.length) break;
      const end = at + headerSize + bytes.readUInt32LE(at + 8);
      const text = bytes.subarray(at + headerSize, end);
      if (end > at + headerSize && end <= bytes.length && bytes.readUInt32LE(at + 12) === checksum(number, text))
        return true;
    }
  }
  return false;
}

function damaged(number: number): TocsinError {
  return new TocsinError('store', `the journal is damaged at entry ${number}: acknowledged changes can't be read`, {
    origin: 'store-sqlite',
    remedy:
      'Put back the `-redo` file from a copy, and look at the disk. To go on without what it held, replace it with an empty file.',
  });
}

function missing(file: string): TocsinError {
  return new TocsinError('store', `the journal ${file} is gone: acknowledged changes that are in no table were in it`, {
    origin: 'store-sqlite',
    remedy: 'Put it back beside its database. To go on without what it held, make an empty file of this name.',
  });
}

function foreign(after: number, first: number): TocsinError {
  return new TocsinError('store', `the journal begins with entry ${first}, the database ends with ${after}`, {
    origin: 'store-sqlite',
    remedy:
      'Put back the `-redo` file that belongs to this copy of the database; without it, delete the one that is there.',
  });
}

function openFile(file: string): number {
  try {
    const descriptor = openSync(file, 'r+');
    if (fstatSync(descriptor).size === 0) layOut(descriptor, 0);
    return descriptor;
  } catch {
    // The first start: zeros, and the folder's entry, must be on the disk before anything relies on them.
    const descriptor = openSync(file, 'w+', 0o600);
    layOut(descriptor, 0);
    const folder = openSync(dirname(file), 'r');
    fsyncSync(folder);
    closeSync(folder);
    return descriptor;
  }
}

/** Zeros for another step, on the disk together with the file's new size. */
function layOut(descriptor: number, from: number): void {
  const zeros = Buffer.alloc(64 * 1024);
  for (let at = 0; at < step; at += zeros.length) write(descriptor, zeros, from + at);
  fsyncSync(descriptor);
}

function write(descriptor: number, bytes: Buffer, position: number): void {
  for (let written = 0; written < bytes.length; ) {
    written += writeSync(descriptor, bytes, written, bytes.length - written, position + written);
  }
}

function checksum(number: number, text: Buffer): number {
  return crc32(text, number % 2 ** 32);
}
