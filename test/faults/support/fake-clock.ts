import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A clock of a process that can be set while it runs, by libfaketime; timers go on as they are. */
export interface FakeClock {
  /** What a process needs in its environment. */
  env: Readonly<Record<string, string>>;
  /** Milliseconds since 1970 by that clock. */
  now(): number;
  /** Sets it by so many seconds. */
  set(seconds: number): void;
}

/** Debian's package `faketime`. https://github.com/wolfcw/libfaketime */
export function fakeClock(folder: string, start: number): FakeClock | undefined {
  const library = findLibrary();
  if (library === undefined) return undefined;
  const file = join(folder, 'clock');
  let ahead = Math.round((start - Date.now()) / 1_000);
  const write = () => {
    // It is read at any moment, and never half written.
    writeFileSync(`${file}.new`, `${ahead < 0 ? '' : '+'}${ahead}\n`);
    renameSync(`${file}.new`, file);
  };
  write();
  return {
    env: { LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: '1', DONT_FAKE_MONOTONIC: '1' },
    now: () => Date.now() + ahead * 1_000,
    set(seconds) {
      ahead += seconds;
      write();
    },
  };
}

function findLibrary(): string | undefined {
  const folders = existsSync('/usr/lib') ? readdirSync('/usr/lib') : [];
  return folders.map((name) => join('/usr/lib', name, 'faketime/libfaketimeMT.so.1')).find(existsSync);
}
