import { open, stat } from 'node:fs/promises';
import { type MonitoredObject, TocsinError } from '@tocsin/core';
import { type MonitorStatus, StatusReader } from './status-blocks.ts';

/**
 * What the status file of Nagios or Naemon says of one host or service. It may have hundreds of megabytes: it is read
 * piece by piece. The monitor replaces it by a rename, so an opened one stays as it was. Nothing where it isn't whole, as
 * when the monitor writes to another file system and so in place; throws where it can't be read or is something else.
 */
export async function readStatus(file: string, of: MonitoredObject): Promise<MonitorStatus | undefined> {
  try {
    return await readWhole(file, new StatusReader(of));
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

/** Reads the same again and again, and the file only where it has changed. */
export function statusReader(file: string, of: MonitoredObject): () => Promise<MonitorStatus | undefined> {
  let seen: string | undefined;
  let status: MonitorStatus | undefined;
  return async () => {
    const { ino, size, mtimeNs } = await stat(file, { bigint: true }).catch((cause) => {
      throw unreadable(file, cause);
    });
    const now = `${ino} ${size} ${mtimeNs}`;
    if (now !== seen) {
      status = await readStatus(file, of);
      seen = now;
    }
    return status;
  };
}

async function readWhole(file: string, reader: StatusReader): Promise<MonitorStatus | undefined> {
  const opened = await open(file);
  try {
    for (;;) {
      const { bytesRead } = await opened.read(reader.space);
      if (bytesRead === 0) return reader.end();
      reader.take(bytesRead);
    }
  } finally {
    await opened.close();
  }
}

function unreadable(file: string, cause: unknown): TocsinError {
  const code = (cause as NodeJS.ErrnoException).code ?? ''; // what node:fs throws
  const why = meanings[code] ?? (cause instanceof Error ? cause.message : String(cause));
  return new TocsinError('config', `can’t read Nagios’ status file ${file}: ${why}`, {
    remedy: 'Give the `status_file` of Nagios’ main configuration, and let the user of this host read it.',
    cause,
  });
}

const meanings: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'it does not exist',
  EACCES: 'this host may not',
  EISDIR: 'it is a folder',
};
