import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Page, PageRequest } from '@tocsin/engine';
import { expect, test } from 'vitest';
import { lockDatabase } from '../src/database.ts';
import { DirectStore, readTables } from './direct-store.ts';
import { makeFolder } from './open-store.ts';

const program = join(import.meta.dirname, 'crash-host.ts');
const lanes = 40;

/** Runs the program for a while, kills it, and returns what it was told is durable. */
async function killed(file: string, prefix: string, after: number): Promise<string[]> {
  const flags = ['--conditions=@tocsin/source', '--disable-warning=ExperimentalWarning'];
  const output = await open(`${file}-${prefix}`, 'w+');
  const child = spawn(process.execPath, [...flags, program, file, prefix], { stdio: ['ignore', output.fd, 'inherit'] });
  try {
    while ((await output.stat()).size === 0) await setTimeout(2);
    expect(() => lockDatabase(file)).toThrow(`${file} is in use by another host`);
    await setTimeout(after);
  } finally {
    child.kill('SIGKILL');
    await once(child, 'close');
    await output.close();
  }
  return (await readFile(`${file}-${prefix}`, 'utf8')).split('\n').slice(0, -1);
}

test('After kill -9 the store has what it acknowledged, and of the rest at most what was under way', async () => {
  const folder = await makeFolder();
  const file = join(folder, 'tocsin.db');
  const acknowledged: string[] = [];
  for (const [cycle, after] of [5, 60, 130].entries()) {
    acknowledged.push(...(await killed(file, `run${cycle}`, after)));
    // A host that starts applies the journal.
    new DirectStore(file).close();
    const { stored, firing, received } = readTables(file, (table) => {
      const groups = table.groups({}, { limit: 200 }).items;
      return {
        stored: groups
          .flatMap(({ id }) => all((page) => table.members(id, page)))
          .map(({ fingerprint }) => fingerprint),
        firing: groups.reduce((sum, group) => sum + group.firing, 0),
        received: table.tally().received,
      };
    });
    const known = new Set(stored);
    expect(acknowledged.filter((id) => !known.has(id))).toEqual([]);
    expect(known.size).toBe(stored.length);
    expect(firing).toBe(stored.length);
    expect(stored.length - acknowledged.length).toBeLessThanOrEqual(lanes * (cycle + 1));
    expect(received).toBe(stored.length);
  }
  expect(acknowledged.length).toBeGreaterThan(3 * lanes);
  await rm(folder, { recursive: true });
});

function all<Item>(list: (page: PageRequest) => Page<Item>): Item[] {
  const items: Item[] = [];
  for (let after: string | undefined; ; ) {
    const page = list({ limit: 200, ...(after ? { after } : {}) });
    items.push(...page.items);
    if (page.next === null) return items;
    after = page.next;
  }
}
