import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../evidence/support/until.ts';
import { type Protection, type Row, without } from '../row.ts';
import type { Hub } from '../support/hub.ts';
import {
  buttonOf,
  callbackOf,
  fire,
  type PlayedSlack,
  playSlack,
  send,
  slackHub,
  writeSlackVariant,
} from '../support/slack.ts';

const second = 1_000;

const forgetsReferences: Protection = {
  what: 'when the references of messages are not kept',
  reddens: ['messages too many', 'changes that went astray'],
};

export const halfWritten: Row[] = [
  {
    id: 'D39',
    title: 'kill -9 between a post and what is kept of it',
    method:
      'a host that is killed once Slack has answered with the reference of a new message, before that is written down; it starts again, people press in both messages, and the alert goes on and ends',
    bar: 'at most one message more; later changes go to one of them, always the same; the buttons of both work',
    seconds: { full: 120, quick: 40 },
    protection: [
      {
        what: 'when a start does not free what was claimed',
        reddens: ['told after the crash'],
        env: without('no-freed-leases'),
      },
      forgetsReferences,
    ],
    async run(bench) {
      const slack = await playSlack(bench);
      const flag = join(bench.folder, 'die');
      const forgets = bench.lacks(forgetsReferences) ? 'delete outcome.ref;' : '';
      writeSlackVariant(bench.folder, 'target-mortal-slack', diesAfterPost(flag, forgets));
      const use = './target-mortal-slack';
      const hub = await bench.hub({ config: slackHub(slack, { use, packages: [use] }) });
      const ends: Ends = { told: 0, messages: 0, buttons: 0, astray: 0 };
      const rounds = bench.isWeakened ? 1 : bench.isQuick ? 3 : 15;
      for (let round = 0; round < rounds; round++) await dieOnce(hub, slack, `crash ${round}`, flag, ends);
      bench.judge('told after the crash', `${ends.told} of ${rounds}`, ends.told === rounds);
      bench.none('messages too many', ends.messages);
      bench.none('buttons that do nothing', ends.buttons);
      bench.none('changes that went astray', ends.astray);
    },
  },
];

/** Parts of a target that kills its host once, where a file says so, when it has heard that a message is posted. */
const diesAfterPost = (flag: string, parts = '') => `
  outcome: (response, settings) => {
    const { ok, ts } = JSON.parse(response.body);
    if (ok && ts && existsSync(${JSON.stringify(flag)})) {
      unlinkSync(${JSON.stringify(flag)});
      process.kill(process.pid, 'SIGKILL');
      for (;;);
    }
    const outcome = slack.outcome(response, settings);
    ${parts}
    return outcome;
  }`;

interface Ends {
  told: number;
  /** Beyond two. */
  messages: number;
  buttons: number;
  /** Changes that are not to be read in the later message, or are in the earlier one. */
  astray: number;
}

async function dieOnce(hub: Hub, slack: PlayedSlack, key: string, flag: string, ends: Ends): Promise<void> {
  writeFileSync(flag, '');
  // It may die before its answer is out; once it is back, what it is asked again is known to it.
  await fire(hub, key).catch(() => {});
  await hub.ended();
  await hub.start();
  const group = await fire(hub, key);
  const [lost] = await slack.messagesOf(group);
  const isAnew = async () => (await slack.messagesOf(group)).find(({ ts }) => ts !== lost?.ts);
  const kept = await until('it is told again', isAnew, 8 * second).catch(() => undefined);
  if (!lost || !kept) return;
  ends.told++;
  const steps = [
    { message: lost, action: 'acknowledge', status: 'acknowledged', word: 'Acknowledged' },
    { message: kept, action: 'unacknowledge', status: 'firing', word: 'Acknowledgement withdrawn' },
    { message: lost, action: 'resolve', status: 'resolved', word: 'Resolved' },
  ];
  for (const { message, action, status, word } of steps) {
    await send(hub, callbackOf(buttonOf(message, action)));
    const isDone = async () => (await hub.get<{ status: string }>(`groups/${group}`)).status === status;
    if (!(await until(status, isDone, 5 * second).catch(() => false))) ends.buttons++;
    const isRead = ({ ts, text }: { ts: string; text: string }) => ts === kept.ts && text.startsWith(word);
    await slack.messageOf(group, isRead, 8 * second).catch(() => ends.astray++);
  }
  const all = await slack.messagesOf(group);
  ends.messages += Math.max(0, all.length - 2);
  if (!all.some(({ ts, text }) => ts === lost.ts && text === lost.text)) ends.astray++;
}
