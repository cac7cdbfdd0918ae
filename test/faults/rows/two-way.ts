import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../evidence/support/until.ts';
import type { Bench } from '../bench.ts';
import { type Protection, type Row, without } from '../row.ts';
import { fakeClock } from '../support/fake-clock.ts';
import type { Hub } from '../support/hub.ts';
import {
  app,
  buttonOf,
  callbackOf,
  fire,
  type Oddity,
  type PlayedSlack,
  type Pressed,
  playSlack,
  send,
  slackHub,
  writeSlackVariant,
} from '../support/slack.ts';

const second = 1_000;
const minute = 60 * second;

const anyReplyUrl: Protection = {
  what: 'when whoever pressed may be answered anywhere',
  reddens: ['connections elsewhere'],
};

const anyWorkspace: Protection = {
  what: 'when all workspaces are taken for one',
  reddens: ['of other workspaces, taken'],
};

export const twoWay: Row[] = [
  {
    id: 'D33',
    title: 'replayed and forged button presses',
    method:
      'presses with wrong signatures, altered and old times, of another workspace, with addresses to reply to elsewhere; a good one again and again: at once, after a stop, after kill -9, and five minutes later by the hub’s clock (libfaketime)',
    bar: 'what is not signed now by Slack is answered 401; nothing of all this changes a state, and no other host is called; a press that was taken before kill -9 is done once',
    seconds: { full: 60, quick: 60 },
    protection: [
      {
        what: 'when whoever claims a signature has it',
        reddens: ['forged, not refused'],
        env: without('any-signature'),
      },
      { what: 'when no time is too old', reddens: ['out of time, not refused'], env: without('any-time') },
      {
        what: 'when callbacks that come again are new ones',
        reddens: ['effects of replays'],
        env: without('no-replay-check'),
      },
      anyReplyUrl,
      anyWorkspace,
    ],
    async run(bench) {
      const clock =
        fakeClock(bench.folder, Date.now()) ?? bench.skip('libfaketime (Debian’s package faketime) is not here');
      const slack = await playSlack(bench);
      const witness = await bench.target();
      writeSlackVariant(
        bench.folder,
        'target-lenient-slack',
        bench.lacks(anyReplyUrl) ? answersAnywhere : isOneWorkspace,
      );
      const isVaried = bench.lacks(anyReplyUrl) || bench.lacks(anyWorkspace);
      const variant = isVaried ? { use: './target-lenient-slack', packages: ['./target-lenient-slack'] } : {};
      const hub = await bench.hub({ config: slackHub(slack, variant), env: clock.env });
      const group = await fire(hub, 'forged');
      const button = buttonOf(await slack.messageOf(group));
      const forged = await pressAll(hub, group, forgeries(button));
      bench.judge('forged', forged.sent, forged.sent > 30);
      bench.none('forged, not refused', forged.answers.filter((status) => status !== 401).length + forged.effects);
      const late = await pressAll(hub, group, outOfTime(button));
      bench.none('out of time, not refused', late.answers.filter((status) => status !== 401).length + late.effects);
      const foreign = await pressAll(hub, group, [
        { pressed: button, odd: { team: 'T0LANTERN01', user: { id: 'U0LANTCAR01', name: 'carla' } } },
      ]);
      bench.none('of other workspaces, taken', foreign.effects);
      await judgeReplies(bench, hub, slack, witness.url);
      bench.none('connections elsewhere', witness.sockets().ever);
      await judgeReplays(bench, hub, slack, () => clock.set(301));
    },
  },
];

/** Parts of a target that takes the address to reply to as it comes. */
const answersAnywhere = `actions: {
  ...slack.actions,
  read: (request, settings) => {
    const read = slack.actions.read(request, settings);
    const { response_url: replyTo } = JSON.parse(new URLSearchParams(request.rawBody).get('payload') ?? '{}');
    return read.kind === 'presses' && replyTo ? { ...read, replyTo } : read;
  },
  reply: (url, text) => ({ method: 'POST', url, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ text }) }),
}`;

const isOneWorkspace = `actions: {
  ...slack.actions,
  read: (request, settings) => ({ ...slack.actions.read(request, settings), installation: '${app.team}' }),
}`;

interface Attempted {
  pressed: Pressed;
  odd: Oddity;
}

/** Each by somebody else, who would join those who have it. */
function byMany(odds: readonly Oddity[], pressed: Pressed, name: string): Attempted[] {
  return odds.map((odd, index) => ({ pressed, odd: { user: { id: `U0${index}`, name: `${name} ${index}` }, ...odd } }));
}

function forgeries(pressed: Pressed): Attempted[] {
  const time = Date.now();
  const now = Math.floor(time / second);
  const zeros = `v0=${'0'.repeat(64)}`;
  const secrets = Array.from({ length: 20 }, (_, index) => ({ secret: `${app.signingSecret}${index}` }));
  const signatures = ['', 'v0=', zeros, zeros.slice(1), zeros.replace('v0', 'v1'), `${zeros}00`, `${zeros},${zeros}`];
  const times = [`${now + 1}`, `${now - 60}`, `${now}.0`, ` ${now}0`, `${now}000`, '', 'now'];
  return byMany(
    [
      ...secrets,
      ...signatures.map((signature) => ({ headers: { 'x-slack-signature': signature } })),
      ...times.map((written) => ({ time, headers: { 'x-slack-request-timestamp': written } })),
    ],
    pressed,
    'forger',
  );
}

/** Signed by Slack, but not now. */
function outOfTime(pressed: Pressed): Attempted[] {
  const minutes = [-525_600, -1_440, -60, -6, 6, 60, 525_600];
  return byMany(
    minutes.map((ahead) => ({ time: Date.now() + ahead * minute })),
    pressed,
    'latecomer',
  );
}

/** What came of it, once nothing more comes. */
async function pressAll(hub: Hub, group: string, all: readonly Attempted[]) {
  const before = await eventsOf(hub, group);
  const answers: number[] = [];
  for (const { pressed, odd } of all) answers.push(await send(hub, callbackOf(pressed, odd)));
  return { sent: all.length, answers, effects: (await calm(hub, group)) - before };
}

async function eventsOf(hub: Hub, group: string): Promise<number> {
  return (await hub.get<{ eventCount: number }>(`groups/${group}`)).eventCount;
}

/** The events of a group, once there were no more for a while. */
async function calm(hub: Hub, group: string): Promise<number> {
  let [last, since] = [-1, Date.now()];
  while (Date.now() - since < second / 2) {
    const count = await eventsOf(hub, group);
    if (count !== last) [last, since] = [count, Date.now()];
    await delay(50);
  }
  return last;
}

/** Who presses what is over is told so, and only at Slack. */
async function judgeReplies(bench: Bench, hub: Hub, slack: PlayedSlack, elsewhere: string): Promise<void> {
  const group = await fire(hub, 'over');
  const message = await slack.messageOf(group);
  await slack.control('app', { interactivity: `${hub.address}/callbacks/chat` });
  const first = { channel: app.channel, ts: message.ts, action_id: 'acknowledge' };
  const { payload } = await slack.control<{ payload: { response_url: string } }>('press', first);
  const button = buttonOf(message);
  await hub.act(`groups/${group}/resolve`);
  const { host } = new URL(elsewhere);
  const own = new URL(slack.url).host;
  const urls = [
    `${elsewhere}/hooks.slack.com`,
    `http://${own}@${host}/actions`,
    `http://hooks.slack.com:x@${host}/`,
    `http:${host}/`,
    `http://${host}\\@${own}/`,
    `${elsewhere}/#${slack.url}`,
    `HTTP://${host}./`,
  ];
  for (const replyTo of urls) await send(hub, callbackOf(button, { replyTo }));
  await send(hub, callbackOf(button, { replyTo: payload.response_url }));
  const isTold = async () => JSON.stringify(await slack.state()).includes('is resolved already');
  const told = await until('whoever pressed is told', isTold, 5 * second).catch(() => false);
  bench.judge('told why at Slack', told ? 'yes' : 'no', told);
}

/** One good press, and the same bytes at every moment that a hub could have forgotten them. */
async function judgeReplays(bench: Bench, hub: Hub, slack: PlayedSlack, later: () => void): Promise<void> {
  const group = await fire(hub, 'replayed');
  const good = callbackOf(buttonOf(await slack.messageOf(group)));
  if ((await send(hub, good)) !== 200) throw new Error('a good press was refused');
  // It is taken, and what comes of it may not be written yet.
  await hub.kill();
  await hub.start();
  const taken = async () =>
    (await hub.get<{ acknowledged: { by: string } | null }>(`groups/${group}`)).acknowledged?.by;
  const by = await until('the press is done', taken, 5 * second).catch(() => 'nobody');
  bench.judge('done after kill -9 by', by, by === 'Ann Archer');
  await hub.act(`groups/${group}/unacknowledge`);
  const before = await calm(hub, group);
  const answers: number[] = [];
  const replay = async (times: number) => {
    for (let index = 0; index < times; index++) answers.push(await send(hub, good));
  };
  await replay(10);
  await hub.stop();
  await hub.start();
  await replay(5);
  await hub.kill();
  await hub.start();
  await replay(5);
  bench.none('replays without an answer', answers.filter((status) => status !== 200).length);
  bench.none('effects of replays', (await calm(hub, group)) - before);
  later();
  const late = await send(hub, good);
  bench.judge('the same five minutes later', late, late === 401 || bench.isWeakened);
  bench.none('effects of it', (await calm(hub, group)) - before);
}
