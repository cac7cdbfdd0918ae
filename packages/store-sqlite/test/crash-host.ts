import { writeSync } from 'node:fs';
import { alert } from '@tocsin/engine/testing';
import { openSqliteStore } from '../src/index.ts';

/**
 * A program that is killed in the middle of its work: it commits unique alerts, many at once, and writes down each that
 * was acknowledged before it does anything else.
 */
const [file = '', prefix = ''] = process.argv.slice(2);
// Nobody is left to kill it when the test itself is.
setTimeout(() => process.exit(1), 15_000);
const store = await openSqliteStore({ file });

async function commit(lane: number): Promise<void> {
  for (let index = 0; ; index++) {
    const id = `${prefix}-${lane}-${index}`;
    await store.commit([alert(id, { group: `key ${index % 5}` })]);
    writeSync(1, `${id}\n`);
  }
}

await Promise.all(Array.from({ length: 40 }, (_, lane) => commit(lane)));
