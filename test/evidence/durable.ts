import { parseArgs } from 'node:util';
import type { Durability } from './support/durability.ts';
import { isStraceInstalled, postUnderTrace } from './support/traced-host.ts';

/*
 * No 202 leaves before its row is on the disk: a host runs under strace, 1,000 alerts are posted to it, each in a group of
 * its own, one after the other and then many at a time, and the trace is read. Nor does a row leave the journal before it
 * is in the tables. A second host commits without syncs; there the same check must find every answer too early.
 *
 *   node --conditions=@tocsin/source test/evidence/durable.ts [--posts 1000] [--json]
 */

const { values } = parseArgs({
  options: { posts: { type: 'string', default: '1000' }, json: { type: 'boolean', default: false } },
});
const posts = Number(values.posts);

if (!isStraceInstalled()) {
  console.log('skipped: strace (not installed)');
} else {
  const sound = await postUnderTrace({ posts, env: {} });
  const unsound = await postUnderTrace({ posts, env: { NODE_ENV: 'test', TOCSIN_UNSAFE_SYNCHRONOUS: 'OFF' } });
  // What was never written over has not been seen to outlast it.
  const isSound = sound.early === 0 && sound.forgotten === 0 && sound.overwritten > 0;
  const isFoundOut = unsound.early > 0 && unsound.forgotten > 0;
  const passed = sound.answers === posts && unsound.answers === posts && isSound && isFoundOut;
  if (values.json) console.log(JSON.stringify({ posts, sound, unsound, passed }));
  else {
    print('synchronous=FULL', sound);
    print('synchronous=OFF ', unsound);
    console.log(passed ? 'ok: none too early, and the same check finds a host without syncs' : 'FAILED');
  }
  process.exitCode = passed ? 0 : 1;
}

function print(name: string, figures: Durability): void {
  const { answers, early, forgotten, entries, overwritten, journalSyncs, tableSyncs, largestBatch } = figures;
  console.log(`${name}: ${answers} answers 202, ${early} before a sync of their row`);
  console.log(`  ${entries} entries in the journal, ${journalSyncs} syncs, at most ${largestBatch} rows in one`);
  console.log(
    `  ${overwritten} of them written over, ${forgotten} rows before they were in the tables, ${tableSyncs} syncs`,
  );
}
