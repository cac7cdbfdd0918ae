import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { killUnderLoad, loadedId, storedIds } from './support/kill-under-load.ts';
import { until } from './support/until.ts';
import { freePort, startWitness } from './support/witness.ts';

/*
 * Acknowledged means durable: the host is killed again and again under load, each time at a random moment, and started
 * on the same file. In the end every id whose 202 a client has read is in the store, and the target was told of it.
 *
 *   node --conditions=@tocsin/source test/evidence/kill.ts [--cycles 20] [--json] [--prove]
 *
 * `--prove` does the same with a host that answers before it commits; then ids must be found lost.
 */

const { values } = parseArgs({
  options: {
    cycles: { type: 'string' },
    rate: { type: 'string', default: '600' },
    /** Seconds that the target may take to be told of everything after the last start. */
    patience: { type: 'string' },
    json: { type: 'boolean', default: false },
    prove: { type: 'boolean', default: false },
  },
});
const cycles = Number(values.cycles ?? (values.prove ? 5 : 20));
const patience = Number(values.patience ?? (values.prove ? 5 : 120)) * 1000;
const key = 'key-of-the-load-client';
const brokenHost = { NODE_ENV: 'test', TOCSIN_FAILPOINT: 'ack-before-commit' };
const began = performance.now();

const folder = mkdtempSync(join(tmpdir(), 'tocsin-kill-'));
try {
  const figures = await run();
  const seconds = Math.round((performance.now() - began) / 1000);
  const isSound = figures.lost === 0 && figures.untold === 0 && figures.acknowledged >= cycles * 20;
  const passed = values.prove ? figures.lost > 0 : isSound;
  if (values.json) console.log(JSON.stringify({ ...figures, seconds, passed }));
  else print(figures, seconds, passed);
  process.exitCode = passed ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

interface Figures {
  cycles: number;
  /** Ids whose 202 the client has read. */
  acknowledged: number;
  /** Of these, not in the store. */
  lost: number;
  /** Of these, never told to the target. */
  untold: number;
  /** Ids that the target was told of, and how often it was told of one again. */
  told: number;
  duplicates: number;
  /** How the client's requests ended, by status or error. */
  answers: Record<string, number>;
}

async function run(): Promise<Figures> {
  const told = new Map<string, number>();
  const witness = await startWitness((body) => {
    const id = loadedId(body);
    if (id) told.set(id, (told.get(id) ?? 0) + 1);
  });
  const port = await freePort();
  const { host, acknowledged, answers } = await killUnderLoad({
    host: { folder, config: configOf(port, witness.url), env: values.prove ? brokenHost : {} },
    url: `http://127.0.0.1:${port}/in/load/${key}`,
    cycles,
    rate: Number(values.rate),
    random: Math.random,
  });
  await until('the target is told of everything', () => acknowledged.every((id) => told.has(id)), patience).catch(
    () => {},
  );
  await host.end();
  await witness.close();

  const stored = storedIds(folder);
  return {
    cycles,
    acknowledged: acknowledged.length,
    lost: acknowledged.filter((id) => !stored.has(id)).length,
    untold: acknowledged.filter((id) => !told.has(id)).length,
    told: told.size,
    duplicates: [...told.values()].reduce((sum, times) => sum + times - 1, 0),
    answers,
  };
}

function configOf(port: number, witness: string): object {
  return {
    version: 1,
    listen: `127.0.0.1:${port}`,
    store: 'sqlite:./tocsin.db',
    integrations: ['@tocsin/source-webhook', '@tocsin/target-webhook'],
    sources: [{ id: 'load', use: 'webhook', key, settings: { key: 'id', fingerprint: 'id' } }],
    targets: [{ id: 'witness', use: 'webhook', settings: { url: witness, body: 'notification' } }],
    routes: [{ to: ['witness'] }],
    egress: { allow: ['127.0.0.0/8'] },
  };
}

function print({ answers, ...figures }: Figures, seconds: number, passed: boolean): void {
  console.log(`kill -9, ${figures.cycles} times${values.prove ? ', of a host that answers before it commits' : ''}:`);
  console.log(
    `  acknowledged ${figures.acknowledged}, lost ${figures.lost}, told ${figures.told}, untold ${figures.untold}`,
  );
  console.log(`  told again ${figures.duplicates} times, answers ${JSON.stringify(answers)}, ${seconds} s`);
  if (values.prove) console.log(passed ? 'ok: the check has found it out' : 'FAILED: the check has found nothing');
  else console.log(passed ? 'ok' : 'FAILED');
}
