import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { lockDatabase, openDatabase, wasRunning } from './database.ts';
import { Journal, journalOf } from './journal.ts';
import type { Answer, Request, WorkerData } from './protocol.ts';
import { queryTable } from './queries.ts';
import { WriteThread } from './write-thread.ts';
import { failureOf } from './writer.ts';

if (!parentPort) throw new Error('this file is the thread of a store; open it with openSqliteStore');
const setup = workerData as WorkerData;
if (setup.role === 'writer') write(parentPort, setup);
else read(parentPort, setup);

function write(port: MessagePort, setup: WorkerData): void {
  const { file, synchronous, without } = setup;
  const lock = lockDatabase(file);
  const print = (line: string) => port.postMessage([{ kind: 'line', line } satisfies Answer]);
  const isAnyVersionGood = without.includes('version-check');
  const database = openDatabase(file, { synchronous, print, isAnyVersionGood });
  const isChecked = !without.includes('journal-check');
  const journal = new Journal(journalOf(file), synchronous === 'FULL', isChecked && wasRunning(database), isChecked);
  new WriteThread(port, setup, { database, journal, lock });
}

/** A second connection, so that a long list delays no commit. */
function read(port: MessagePort, { file, synchronous, without }: WorkerData): void {
  const answer = (message: Answer) => port.postMessage([message]);
  const database = openDatabase(file, { synchronous, isAnyVersionGood: without.includes('version-check') });
  database.pragma('query_only = ON');
  // Its lists are short.
  database.pragma('cache_size = -4096');
  const table = queryTable(database);
  port.on('message', (request: Request) => {
    try {
      if (request.kind === 'close') {
        database.close();
        answer({ kind: 'done', id: request.id });
        return port.close();
      }
      if (request.kind !== 'query') throw new Error(`the reader takes no ${request.kind}`);
      const run = Object.hasOwn(table, request.name) ? table[request.name as keyof typeof table] : undefined;
      if (!run) throw new Error(`there is no query ${request.name}`);
      // The proxy in index.ts passes exactly the arguments of `Queries`.
      return answer({ kind: 'done', id: request.id, value: (run as (...args: unknown[]) => unknown)(...request.args) });
    } catch (error) {
      return answer({ kind: 'failed', id: request.id, failure: failureOf(error) });
    }
  });
  answer({ kind: 'ready' });
}
