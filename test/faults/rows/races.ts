import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import type { PersonAction } from '@tocsin/core';
import { Handles } from '../../../apps/host/test/support/presses.ts';
import { until } from '../../evidence/support/until.ts';
import { Model, textOf } from '../../two-way/model.ts';
import type { Bench } from '../bench.ts';
import { type Row, without } from '../row.ts';
import type { Hub } from '../support/hub.ts';
import { callbackOf, fire, playSlack, send, slackHub, writeSlackVariant } from '../support/slack.ts';

/** Something that is asked of the hub, and what it said of it. */
type Asked =
  | { from: 'source'; alert: string; status: 'firing' | 'ok' }
  | { from: 'api'; action: 'acknowledge' | 'unacknowledge' | 'resolve'; incarnation?: number; changed?: boolean }
  | { from: 'slack'; action: PersonAction; incarnation: number; who: number; minutes: number; times: number };

/** What the hub shows of a group in the end. */
interface Seen {
  log: string[];
  text: string;
}

/** Of the people that the sandbox has, with their real names. */
const people = [
  { id: 'U0BELLANN01', name: 'ann', shown: 'Ann Archer' },
  { id: 'U0BELLBEN02', name: 'ben.okoye', shown: 'Benedict Okoye' },
  { id: 'U0BELLDUT03', name: 'duty-phone', shown: 'duty-phone' },
] as const;

const target = './target-quick-slack';

export const races: Row[] = [
  {
    id: 'D42',
    title: 'acknowledged, resolved and fired at once',
    method:
      'groups in each of which several things are asked at the same moment, by random: alerts and recoveries by the source, acts by the API, presses by three people, of this firing and of others, some of them twice; 10,000 groups (quick: 300)',
    bar: 'what the log of each group says, who did it, what the API answered and how the group is in the end is what a plain model makes of the same in some order: 0 differences',
    seconds: { full: 900, quick: 90 },
    protection: [
      {
        what: 'when a button of an earlier firing is good for this one',
        reddens: ['differences'],
        env: without('any-incarnation'),
      },
      {
        what: 'when callbacks that come again are new ones',
        reddens: ['differences'],
        env: without('no-replay-check'),
      },
    ],
    async run(bench) {
      const slack = await playSlack(bench);
      // As many messages a second as there are.
      writeSlackVariant(
        bench.folder,
        'target-quick-slack',
        'limits: { ...slack.limits, rate: undefined, concurrency: 20 }',
      );
      const hub = await bench.hub({ config: slackHub(slack, { use: target, packages: [target] }) });
      const count = bench.isQuick ? (bench.isWeakened ? 1_000 : 300) : 10_000;
      const groups = await openGroups(hub, count);
      const isTold = async () => ((await hub.accounting()).pending ?? 0) === 0;
      await until('all are told', isTold, bench.isQuick ? 30_000 : 300_000);
      const handles = handlesOf(bench.folder);
      const cases = groups.map((group) => ({
        group,
        asked: Array.from({ length: 5 }, (_, index) => askFor(bench, index)),
      }));
      await inParallel(cases, 12, async ({ group, asked }, index) => {
        await Promise.all(asked.map((one) => ask(hub, handles, group, `race ${index}`, one)));
      });
      // What was pressed last has its name to be asked for.
      await delay(3_000);
      let differences = 0;
      let events = 0;
      await inParallel(cases, 12, async ({ group, asked }) => {
        const seen = await read(hub, group);
        events += seen.log.length;
        if (isExplained(asked, seen)) return;
        differences++;
        if (differences <= 3 && !bench.isWeakened)
          bench.note('not so', `${JSON.stringify(asked)} made ${JSON.stringify(seen)}`);
      });
      bench.note('asked', cases.length * 5);
      bench.judge('events', events, events > cases.length);
      bench.none('differences', differences);
    },
  },
];

async function openGroups(hub: Hub, count: number): Promise<string[]> {
  const groups: string[] = [];
  await inParallel(Array.from({ length: count }), 12, async (_, index) => {
    groups[index] = await fire(hub, `race ${index}`, { id: `race ${index} a` });
  });
  return groups;
}

function askFor(bench: Bench, index: number): Asked {
  const pick = <Choice>(choices: readonly Choice[]) => choices[Math.floor(bench.random() * choices.length)] as Choice;
  const from = pick(['source', 'source', 'api', 'api', 'slack', 'slack'] as const);
  switch (from) {
    case 'source':
      return { from, alert: pick(['a', 'a', 'b']), status: pick(['firing', 'ok']) };
    case 'api': {
      const incarnation = pick([undefined, 1, 2]);
      const action = pick(['acknowledge', 'unacknowledge', 'resolve'] as const);
      return { from, action, ...(incarnation === undefined ? {} : { incarnation }) };
    }
    case 'slack': {
      const action = pick(['acknowledge', 'acknowledge', 'unacknowledge', 'resolve', 'silence', 'unsilence'] as const);
      // No two silences are the same.
      return {
        from,
        action,
        incarnation: pick([1, 1, 2]),
        who: pick([0, 1, 2]),
        minutes: 60 + index,
        times: pick([1, 1, 3]),
      };
    }
  }
}

async function ask(hub: Hub, handles: Handles, group: string, key: string, asked: Asked): Promise<void> {
  switch (asked.from) {
    case 'source':
      await fire(hub, key, { id: `${key} ${asked.alert}`, status: asked.status });
      return;
    case 'api': {
      const body = asked.incarnation === undefined ? {} : { incarnation: asked.incarnation };
      const { status, text } = await hub.act(`groups/${group}/${asked.action}`, body);
      if (status !== 200 && status !== 409) throw new Error(`${asked.action} was answered ${status} ${text}`);
      asked.changed = status === 200 && (JSON.parse(text) as { changed: boolean }).changed;
      return;
    }
    case 'slack': {
      const { action, incarnation, minutes } = asked;
      const handle = handles.make({ group, incarnation }, { press: 'chat' });
      const chosen = action === 'silence' ? { selected_option: { value: String(minutes) } } : {};
      const { id, name } = people[asked.who] as (typeof people)[number]; // there are three
      const callback = callbackOf({ block_id: `${handle}.1`, action_id: action, ...chosen }, { user: { id, name } });
      const statuses = await Promise.all(Array.from({ length: asked.times }, () => send(hub, callback)));
      if (statuses.some((status) => status !== 200)) throw new Error(`a press was answered ${statuses}`);
    }
  }
}

async function read(hub: Hub, group: string): Promise<Seen> {
  const shown = await hub.get<{ status: string; firing: number; acknowledged: { by: string } | null }>(
    `groups/${group}`,
  );
  const events = await hub.list<{ number: number; kind: string; actor: string | null }>(`groups/${group}/events`);
  const log = events
    .sort((left, right) => left.number - right.number)
    .filter(({ kind }) => kind !== 'updated')
    .map(({ kind, actor }) => (actor === null ? kind : `${kind} by ${actor}`));
  return { log, text: textOf({ ...shown, acknowledgedBy: shown.acknowledged?.by ?? null }) };
}

/** Whether there is an order in which the model comes to the same, with the answers that the API gave. */
function isExplained(asked: readonly Asked[], seen: Seen, order: readonly Asked[] = []): boolean {
  const model = replayed(order);
  if (model === undefined) return false;
  const [episode] = model.episodes;
  const log = episode?.log ?? [];
  if (log.some((entry, index) => entry !== seen.log[index])) return false;
  if (order.length === asked.length) return log.length === seen.log.length && model.textOf(1) === seen.text;
  return asked.some((one) => !order.includes(one) && isExplained(asked, seen, [...order, one]));
}

/** After all of these in this order; nothing where the API answered something else. */
function replayed(order: readonly Asked[]): Model | undefined {
  const model = new Model();
  model.fire('a', 0);
  for (const one of order) {
    if (one.from === 'source') {
      if (one.status === 'firing') model.fire(one.alert, 0);
      else model.recover(one.alert, 0);
      continue;
    }
    const present = model.episodes[0]?.incarnation ?? 1;
    const held = { episode: 1, incarnation: one.incarnation ?? present };
    const until = one.from === 'slack' && one.action === 'silence' ? { until: one.minutes } : {};
    const actor = one.from === 'api' ? 'runner' : (people[one.who]?.shown ?? '');
    const isChanged = model.press({ held, action: one.action, actor, ...until }, 0);
    if (one.from === 'api' && isChanged !== one.changed) return undefined;
  }
  return model;
}

/** Handles as the hub makes them, without a message for each: the key is in its store. */
function handlesOf(folder: string): Handles {
  const database = new DatabaseSync(join(folder, 'tocsin.db'), { readOnly: true });
  const row = database.prepare("SELECT value FROM records WHERE kind = 'handle-key'").get();
  database.close();
  return new Handles(Buffer.from(String(row?.value), 'base64'));
}

async function inParallel<Item>(
  items: readonly Item[],
  lanes: number,
  work: (item: Item, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < items.length) {
      const index = next++;
      await work(items[index] as Item, index);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
