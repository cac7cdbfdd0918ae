import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { startProgram } from '../../evidence/support/program.ts';
import { until } from '../../evidence/support/until.ts';
import { freePort } from '../../evidence/support/witness.ts';
import { type Row, without } from '../row.ts';
import { alertFor, webhooks } from '../support/configs.ts';
import { after, answer } from '../support/fault-target.ts';
import { adminToken } from '../support/hub.ts';

const database = (folder: string) => join(folder, 'tocsin.db');

export const stores: Row[] = [
  {
    id: 'D16',
    title: 'a full disk, in mid-send too',
    method:
      'the store on a small tmpfs that is filled while eight sends are under way; posts go on; then there is room again',
    bar: 'what can’t be kept is answered 503, never 2xx: 0 lost; it goes on without a restart; told again at most the eight, with the same webhook-id',
    seconds: { full: 90, quick: 60 },
    protection: { what: 'when it answers before the commit', reddens: ['lost'], env: without('ack-before-commit') },
    async run(bench) {
      const disk = join(bench.folder, 'disk');
      mkdirSync(disk);
      const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
      const run = (...words: string[]) =>
        spawnSync([...asRoot, ...words][0] as string, [...asRoot, ...words].slice(1)).status;
      if (run('mount', '-t', 'tmpfs', '-o', `size=16m,uid=${process.getuid?.()}`, 'tmpfs', disk) !== 0) {
        bench.skip('mounting a tmpfs is not permitted');
      }
      bench.onEnd(() => run('umount', '-l', disk));
      const target = await bench.target();
      target.at('/told', after(1_500, answer(200)));
      const config = webhooks({ told: `${target.url}/told` }, { store: 'sqlite:./disk/tocsin.db' });
      const hub = await bench.hub({ config });
      const acknowledged: string[] = [];
      const statuses: Record<number, number> = {};
      let number = 0;
      const post = async (message = '') => {
        const id = `disk-${number++}-x`;
        const { status } = await hub.post('any', { ...alertFor('told', id), message });
        statuses[status] = (statuses[status] ?? 0) + 1;
        if (status === 202) acknowledged.push(id);
        return status;
      };
      for (let index = 0; index < 12; index++) await post();
      await target.untilReceived('/told', 8);
      fill(join(disk, 'balloon'));
      const large = 'x'.repeat(60_000);
      const isRefused = async () =>
        (await Promise.all(Array.from({ length: 8 }, () => post(large)))).some((status) => status !== 202);
      await until('the disk is full', isRefused, 20_000).catch(() => {});
      for (let index = 0; index < 20; index++) await post(large);
      await delay(2_000);
      const refused = Object.entries(statuses).filter(([status]) => status !== '202');
      bench.judge(
        'refusals',
        JSON.stringify(statuses),
        refused.length > 0 && refused.every(([status]) => status === '503'),
      );
      bench.judge('still runs', String(hub.isRunning()), hub.isRunning());
      target.at('/told', answer(200));
      rmSync(join(disk, 'balloon'));
      const began = performance.now();
      const isBack = await until('it takes alerts again', async () => (await post()) === 202, 10_000).then(
        () => true,
        () => false,
      );
      bench.judge(
        'takes again after',
        isBack ? `${((performance.now() - began) / 1000).toFixed(1)} s` : 'never',
        isBack,
      );
      const told = () => new Set(target.received('/told').map(({ body }) => /disk-\d+-x/.exec(body)?.[0]));
      const isTold = () => {
        const ids = told();
        return acknowledged.every((id) => ids.has(id));
      };
      await until('all are told', isTold, bench.isWeakened ? 3_000 : 15_000).catch(() => {});
      const ids = told();
      bench.none('lost', acknowledged.filter((id) => !ids.has(id)).length);
      const sends = target.received('/told');
      const again = sends.length - new Set(sends.map(({ id }) => id)).size;
      bench.judge('told again', again, again <= 8);
    },
  },
  {
    id: 'D17',
    title: 'a database that another holds',
    method: 'a second connection takes it with BEGIN EXCLUSIVE for 4 s (full: 30 s) while alerts are posted',
    bar: 'answers are 202 or 503, within 10 s; no crash; /healthz answers within 200 ms all the while; afterwards all goes on, 0 lost',
    seconds: { full: 90, quick: 40 },
    protection: { none: 'the hub holds the database alone, so that nobody else ever has it' },
    async run(bench) {
      const target = await bench.target();
      const hub = await bench.hub({ config: webhooks({ told: `${target.url}/told` }) });
      await hub.post('any', alertFor('told', 'held-first-x'));
      const second = new DatabaseSync(database(bench.folder), { timeout: 100 });
      bench.onEnd(() => second.close());
      const isHeld = (() => {
        try {
          second.exec('BEGIN EXCLUSIVE');
          return true;
        } catch {
          return false;
        }
      })();
      bench.note('held', isHeld ? 'yes' : 'no: the hub holds it alone');
      const end = performance.now() + (bench.isQuick ? 4_000 : 30_000);
      const acknowledged: string[] = [];
      const statuses: Record<number, number> = {};
      let longest = 0;
      let slowestHealth = 0;
      const posting = Array.from({ length: 4 }, async (_, lane) => {
        for (let index = 0; performance.now() < end; index++) {
          const id = `held-${lane}-${index}-x`;
          const began = performance.now();
          const { status } = await hub.post('any', alertFor('told', id));
          longest = Math.max(longest, performance.now() - began);
          statuses[status] = (statuses[status] ?? 0) + 1;
          if (status === 202) acknowledged.push(id);
          await delay(50);
        }
      });
      const watching = (async () => {
        while (performance.now() < end) {
          const began = performance.now();
          await fetch(`${hub.address}/healthz`).catch(() => {});
          slowestHealth = Math.max(slowestHealth, performance.now() - began);
          await delay(50);
        }
      })();
      await Promise.all([...posting, watching]);
      if (isHeld) second.exec('ROLLBACK');
      const isBack = async () => (await hub.post('any', alertFor('told', 'held-last-x'))).status === 202;
      await until('it takes alerts again', isBack, 15_000);
      const told = () => new Set(target.received('/told').map(({ body }) => /held-[\d-]+-x/.exec(body)?.[0]));
      await until('all are told', () => acknowledged.every((id) => told().has(id)), 15_000).catch(() => {});
      const ids = told();
      bench.judge(
        'answers',
        JSON.stringify(statuses),
        Object.keys(statuses).every((status) => status === '202' || status === '503'),
      );
      bench.judge('longest in ms', Math.round(longest), longest <= 10_000);
      bench.judge('health in ms', Math.round(slowestHealth), slowestHealth <= 200);
      bench.none('lost', acknowledged.filter((id) => !ids.has(id)).length);
    },
  },
  {
    id: 'D19',
    title: 'a damaged store',
    method:
      'kill -9, then one file of the store is cut or has bytes changed: database, write-ahead log, journal; start',
    bar: 'it starts with all that was acknowledged and a sound file, or ends with code 1 and says what is damaged; never silently with less',
    seconds: { full: 120 },
    protection: {
      what: 'when nobody looks whether the journal is whole',
      reddens: ['silent losses'],
      env: without('no-journal-check'),
    },
    async run(bench) {
      const damages: [what: string, file: string, damage: (file: string) => void][] = [
        ['database cut', 'tocsin.db', (file) => truncateSync(file, Math.floor(statSync(file).size / 2))],
        ['database header', 'tocsin.db', (file) => change(file, 0, 64)],
        ['database pages', 'tocsin.db', (file) => change(file, 4096 * 3, 4096 * 2)],
        ['log cut', 'tocsin.db-wal', (file) => truncateSync(file, Math.floor(statSync(file).size / 2))],
        ['log changed', 'tocsin.db-wal', (file) => change(file, Math.floor(statSync(file).size / 2), 64)],
        ['log gone', 'tocsin.db-wal', (file) => rmSync(file)],
        ['journal cut', 'tocsin.db-redo', (file) => truncateSync(file, 4_000)],
        ['journal changed', 'tocsin.db-redo', (file) => change(file, 200, 64)],
        ['journal gone', 'tocsin.db-redo', (file) => rmSync(file)],
      ];
      let silent = 0;
      let unclear = 0;
      for (const [what, file, damage] of damages) {
        const folder = join(bench.folder, what.replace(' ', '-'));
        mkdirSync(folder);
        const hub = await bench.hub({ config: webhooks({}), folder });
        const acknowledged: string[] = [];
        for (let index = 0; index < 60; index++) {
          const id = `damage-${index}`;
          if ((await hub.post('any', alertFor('nobody', id))).status === 202) acknowledged.push(id);
          // Some of them reach the tables, some stay in the journal alone.
          if (index === 40) await delay(1_500);
        }
        await hub.kill();
        const path = join(folder, file);
        if (!existsSync(path) || statSync(path).size === 0) {
          bench.note(what, 'not there');
          continue;
        }
        damage(path);
        const refusal = await hub.start().then(
          () => undefined,
          (error: Error) => error.message,
        );
        if (refusal !== undefined) {
          const isClear = /damaged|corrupt|malformed|not a database|journal/i.test(refusal);
          if (!isClear) unclear++;
          bench.note(what, isClear ? 'refused' : `unclear: ${refusal.slice(-300)}`);
          continue;
        }
        const left = await hub.list<{ key: string }>('groups').then(
          (groups) => new Set(groups.map(({ key }) => key)),
          () => new Set<string>(),
        );
        await hub.stop();
        const lost = acknowledged.filter((id) => !left.has(id)).length;
        const isSound = health(folder) === 'ok';
        if (lost > 0 || !isSound) silent++;
        bench.note(
          what,
          lost > 0 ? `${lost} of ${acknowledged.length} lost without a word` : isSound ? 'all there' : 'unsound',
        );
      }
      bench.none('silent losses', silent);
      bench.none('unclear refusals', unclear);
    },
  },
  {
    id: 'D41',
    title: 'a newer database, and kill -9 while one is made',
    method:
      'a database of a version to come; and 20 first starts (quick: 3) that are killed at a random moment, on one folder',
    bar: 'the newer one is refused with code 1 and untouched; after the kills the next start completes, and the file is sound',
    seconds: { full: 120, quick: 40 },
    protection: {
      what: 'when the version is not looked at',
      reddens: ['refusal'],
      env: without('no-version-check'),
    },
    async run(bench) {
      const folder = join(bench.folder, 'killed');
      mkdirSync(folder);
      const file = join(folder, 'tocsin.yaml');
      const port = await freePort();
      writeFileSync(
        file,
        JSON.stringify({
          ...{ version: 1, listen: `127.0.0.1:${port}`, store: 'sqlite:./tocsin.db', unrouted: 'drop' },
          tokens: [{ name: 'runner', role: 'admin', value: adminToken }],
        }),
      );
      const main = join(import.meta.dirname, '..', '..', '..', 'apps', 'host', 'src', 'main.ts');
      const flags = ['--conditions=@tocsin/source', '--disable-warning=ExperimentalWarning'];
      let killedInIt = 0;
      for (let round = 0; round < (bench.isQuick ? 3 : 20); round++) {
        const starting = startProgram(process.execPath, [...flags, main, 'start', '--config', file]);
        bench.onEnd(() => starting.end());
        // From the moment on when there is a file: that is what the kill has to hit.
        if (round > 0) await delay(700 + bench.random() * 800);
        else await until('the file is made', () => existsSync(database(folder)));
        await delay(bench.random() * 30);
        starting.signal('SIGKILL');
        await starting.ended;
        if (existsSync(database(folder))) killedInIt++;
      }
      const hub = await bench.hub({ config: webhooks({}), folder });
      const { status } = await hub.post('any', alertFor('nobody', 'after'));
      await hub.stop();
      bench.judge('kills', killedInIt, killedInIt > 0);
      bench.judge('starts after them', status, status === 202 && health(folder) === 'ok');
      const newer = new DatabaseSync(database(folder));
      newer.exec('PRAGMA user_version = 99');
      newer.close();
      const before = readFileSync(database(folder));
      const refusal = await hub.start().then(
        () => 'none',
        (error: Error) => error.message,
      );
      bench.judge('refusal', /newer/.test(refusal) ? 'newer' : refusal.slice(-200), /newer/.test(refusal));
      bench.judge(
        'untouched',
        String(before.equals(readFileSync(database(folder)))),
        before.equals(readFileSync(database(folder))),
      );
    },
  },
];

/** Until nothing more goes in. */
function fill(file: string): void {
  const balloon = openSync(file, 'w');
  for (const size of [1024 * 1024, 4096]) {
    const chunk = Buffer.alloc(size, 1);
    try {
      for (;;) if (writeSync(balloon, chunk) < size) break;
    } catch {
      // It is full.
    }
  }
  closeSync(balloon);
}

/** Other bytes in place of these. */
function change(file: string, from: number, length: number): void {
  const bytes = readFileSync(file);
  for (let index = from; index < Math.min(from + length, bytes.length); index++)
    bytes[index] = (bytes[index] as number) ^ 0x5a;
  writeFileSync(file, bytes);
}

function health(folder: string): unknown {
  const opened = new DatabaseSync(database(folder), { readOnly: true });
  try {
    return opened.prepare('PRAGMA integrity_check').get()?.integrity_check;
  } finally {
    opened.close();
  }
}
