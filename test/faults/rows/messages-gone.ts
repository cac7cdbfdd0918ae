import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../evidence/support/until.ts';
import type { Protection, Row } from '../row.ts';
import { anySource } from '../support/configs.ts';
import type { FaultTarget } from '../support/fault-target.ts';
import type { Hub } from '../support/hub.ts';
import { app, fire, type PlayedSlack, playSlack, slackSettings, writeSlackVariant } from '../support/slack.ts';

/** What becomes of a message that can't be edited: a new one takes its place, it is edited later, or somebody is told. */
type End = 'anew' | 'edited' | { alarm: RegExp };

interface Case {
  name: string;
  breaks(slack: PlayedSlack, ts: string): Promise<unknown>;
  end: End;
  /** Calls that edit or post, from the break to a second change. */
  mostCalls: number;
  /** Where it is mended by its operator, and what it gave up is tried again. */
  mends?(slack: PlayedSlack): Promise<unknown>;
}

const { team, channel } = app;
const editing = 'chat.update';
const says =
  (error: string, count = 1) =>
  (slack: PlayedSlack) =>
    slack.answerNext(editing, { ok: false, error }, { count });

const cases: readonly Case[] = [
  {
    name: 'deleted',
    breaks: (slack, ts) => slack.control('delete', { channel, ts }),
    end: 'anew',
    mostCalls: 3,
  },
  {
    name: 'too-old-to-edit',
    breaks: (slack) => slack.control('workspace', { team, editWindow: 0 }),
    // As if the next one were changed at once.
    mends: (slack) => slack.control('workspace', { team, editWindow: null }),
    end: 'anew',
    mostCalls: 3,
  },
  { name: 'edit-refused', breaks: says('cant_update_message'), end: 'anew', mostCalls: 3 },
  {
    name: 'ratelimited',
    breaks: (slack) =>
      slack.answerNext(editing, { ok: false, error: 'ratelimited' }, { status: 429, retryAfter: 2, count: 2 }),
    end: 'edited',
    mostCalls: 4,
  },
  { name: 'down', breaks: says('internal_error', 2), end: 'edited', mostCalls: 4 },
  {
    name: 'archived',
    breaks: (slack) => slack.control('channel', { channel, isArchived: true }),
    mends: (slack) => slack.control('channel', { channel, isArchived: false }),
    end: { alarm: /the channel is archived; restore it/i },
    // There, nothing can be edited either.
    mostCalls: 4,
  },
  {
    name: 'not-in-channel',
    breaks: says('not_in_channel', 100),
    mends: (slack) => slack.forgetAnswers(),
    end: { alarm: /invite it there/ },
    mostCalls: 2,
  },
  {
    name: 'no-channel',
    breaks: says('channel_not_found', 100),
    mends: (slack) => slack.forgetAnswers(),
    end: { alarm: /there is no channel with that id/i },
    mostCalls: 2,
  },
  {
    name: 'token-revoked',
    breaks: (slack) => slack.control('event', { type: 'tokens_revoked', team }),
    end: { alarm: /install the app again/ },
    mostCalls: 1,
  },
  {
    name: 'unknown-word',
    breaks: says('brand_new_reason', 100),
    mends: (slack) => slack.forgetAnswers(),
    end: { alarm: /attempts\?target=unknown-word/ },
    mostCalls: 2,
  },
];

const takenForTold: Protection = {
  what: 'when a message that is gone is taken for told',
  reddens: ['posted anew and edited'],
};

const triedForEver: Protection = {
  what: 'when whatever Slack refuses is tried again',
  reddens: ['calls too many', 'alarms'],
};

export const messagesGone: Row[] = [
  {
    id: 'D38',
    title: 'a message that is gone, a channel that is archived, a token that is revoked',
    method:
      'a Slack for each fault: the message is deleted or can’t be edited any more, the channel is archived or closed to the app, the token is revoked, calls are rate limited, fail, or are refused in a word that nobody knows; then two changes, and an operator who mends it',
    bar: 'posted anew once and edited from then on, or edited later, or an alarm that names the target and what to do, after which it is told what it missed; no call more than those',
    seconds: { full: 60, quick: 60 },
    protection: [takenForTold, triedForEver],
    async run(bench) {
      writeSlackVariant(bench.folder, 'target-careless-slack', bench.lacks(takenForTold) ? oneCall : anyRefusalPasses);
      const alarms = await bench.target();
      const slacks = await Promise.all(cases.map(() => playSlack(bench)));
      const use = bench.isWeakened ? './target-careless-slack' : 'slack';
      const hub = await bench.hub({ config: configFor(slacks, alarms, use) });
      const ends = await Promise.all(cases.map((one, index) => play(hub, slacks[index] as PlayedSlack, one, alarms)));
      const failed = (kind: string) => ends.filter(({ missed }) => missed.includes(kind)).map(({ name }) => name);
      for (const kind of [
        'posted anew and edited',
        'edited later',
        'alarms',
        'told what it missed',
        'calls too many',
      ]) {
        const names = failed(kind);
        bench.judge(
          kind,
          names.length === 0 ? (kind === 'calls too many' ? 0 : 'all') : `not ${names.join(', ')}`,
          names.length === 0,
        );
      }
    },
  },
];

/** Parts of targets: one that makes no second call, and one that takes every refusal for a passing one. */
const oneCall =
  'request: (notification, settings, answers) => answers.length > 0 ? undefined : slack.request(notification, settings, answers)';
const anyRefusalPasses = `outcome: (response, settings) => {
  const outcome = slack.outcome(response, settings);
  return JSON.parse(response.body).ok ? outcome : { outcome: 'retry', reason: 'refused' };
}`;

function configFor(slacks: readonly PlayedSlack[], alarms: FaultTarget, use: string): object {
  const names = cases.map(({ name }) => name);
  return {
    integrations: [
      '@tocsin/source-webhook',
      '@tocsin/source-tocsin',
      '@tocsin/target-slack',
      '@tocsin/target-webhook',
      './target-careless-slack',
    ],
    sources: [
      { ...anySource, settings: { key: 'group', fingerprint: 'id', labels: 'labels' } },
      { id: 'hub', use: 'tocsin' },
    ],
    targets: [
      { id: 'operators', use: 'webhook', settings: { url: `${alarms.url}/alarms`, body: 'notification' } },
      ...names.map((id, index) => ({
        id,
        use,
        settings: { ...slackSettings(slacks[index] as PlayedSlack), channel },
      })),
    ],
    routes: [
      { match: 'tocsin_source="hub"', to: ['operators'] },
      ...names.map((name) => ({ match: `to="${name}"`, to: [{ target: name, interval: '0s' }] })),
    ],
  };
}

/** Which of its bars a case missed. */
async function play(
  hub: Hub,
  slack: PlayedSlack,
  { name, breaks, end, mostCalls, mends }: Case,
  alarms: FaultTarget,
): Promise<{ name: string; missed: string[] }> {
  const missed: string[] = [];
  const group = await fire(hub, name, { labels: { to: name } });
  const { ts } = await slack.messageOf(group);
  const callsBefore = await calls(slack);
  await breaks(slack, ts);
  await hub.act(`groups/${group}/acknowledge`);
  if (end === 'anew') {
    const isAnew = async () => (await slack.messagesOf(group)).find((one) => one.ts !== ts);
    const anew = await until('a new message', isAnew, 10_000).catch(() => undefined);
    await mends?.(slack);
    await hub.act(`groups/${group}/resolve`);
    if (!anew || !(await reads(slack, group, anew.ts, 'Resolved'))) missed.push('posted anew and edited');
  } else if (end === 'edited') {
    if (!(await reads(slack, group, ts, 'Acknowledged'))) missed.push('edited later');
    await hub.act(`groups/${group}/resolve`);
    if (!(await reads(slack, group, ts, 'Resolved'))) missed.push('edited later');
  } else {
    const isRung = () => alarms.received('/alarms').some(({ body }) => body.includes(name) && end.alarm.test(body));
    if (!(await until('an alarm', isRung, 10_000).catch(() => false))) missed.push('alarms');
    await hub.act(`groups/${group}/resolve`);
  }
  // Who tries again for ever does it now.
  await delay(6_000);
  if ((await calls(slack)) - callsBefore > mostCalls) missed.push('calls too many');
  if (typeof end !== 'object' || !mends) return { name, missed };
  await mends(slack);
  await hub.act('dead-letters/retry', { target: name });
  if (!(await reads(slack, group, ts, 'Resolved'))) missed.push('told what it missed');
  return { name, missed };
}

async function calls(slack: PlayedSlack): Promise<number> {
  return (await slack.calls('chat.postMessage')) + (await slack.calls(editing));
}

async function reads(slack: PlayedSlack, group: string, ts: string, word: string): Promise<boolean> {
  const isSo = (message: { ts: string; text: string }) => message.ts === ts && message.text.startsWith(word);
  return slack.messageOf(group, isSo, 10_000).then(
    () => true,
    () => false,
  );
}
