import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { type Host, type HostOptions, startHost } from './host.ts';
import { startProgram } from './program.ts';
import { until } from './until.ts';

export interface KillRun {
  host: HostOptions;
  /** Where the load goes. */
  url: string;
  cycles: number;
  /** Requests a second. */
  rate: number;
  connections?: number;
  /** Acknowledged in each cycle before the host is killed, at the least. */
  least?: number;
  /** In [0, 1). */
  random: () => number;
}

export interface Killed {
  /** The last one, which runs. */
  host: Host;
  /** Ids whose 202 the client has read. */
  acknowledged: string[];
  /** How the client's requests ended, by status or error. */
  answers: Record<string, number>;
}

/** Kills a host under load again and again, each time at a random moment, and starts it on the same file. */
export async function killUnderLoad({ least = 20, connections = 16, random, ...run }: KillRun): Promise<Killed> {
  const file = join(run.host.folder, 'acknowledged');
  writeFileSync(file, '');
  const acknowledged = () => readFileSync(file, 'utf8').split('\n').slice(0, -1);
  let host = await startHost(run.host);
  const client = startProgram(process.execPath, [
    join(import.meta.dirname, 'load-client.ts'),
    ...['--url', run.url, '--file', file, '--rate', String(run.rate), '--connections', String(connections)],
  ]);
  try {
    for (let cycle = 1; cycle <= run.cycles; cycle++) {
      const before = acknowledged().length;
      await until('the host takes alerts again', () => acknowledged().length >= before + least);
      await delay(50 + random() * 450);
      host.signal('SIGKILL');
      await host.ended;
      host = await startHost(run.host);
    }
    await delay(500);
  } catch (error) {
    await host.end();
    throw error;
  } finally {
    await client.end();
  }
  const { answers } = JSON.parse(client.output().trim().split('\n').at(-1) as string) as Killed; // what the client prints last
  return { host, acknowledged: acknowledged(), answers };
}

/** The id of the load client's alert that a text is about. */
export function loadedId(text: string): string | undefined {
  return /id-\d+-x/.exec(text)?.[0];
}

/** The ids of the source `load` in the file that a host has left, read without it. */
export function storedIds(folder: string): Set<string> {
  const database = new DatabaseSync(join(folder, 'tocsin.db'), { readOnly: true });
  const health = database.prepare('PRAGMA integrity_check').get()?.integrity_check;
  if (health !== 'ok') throw new Error(`the database is damaged: ${String(health)}`);
  const rows = database.prepare("SELECT fingerprint FROM members WHERE source = 'load'").all();
  database.close();
  return new Set(rows.map(({ fingerprint }) => String(fingerprint)));
}
