import { viewSlackMessage } from '@tocsin/message-view';
import { buildNode } from '@tocsin/message-view/view.js';
import { beforeEach, describe, expect, it } from 'vitest';
import { hiddenFrom, livelyTeams, seenBy } from '../assets/slack-model.js';
import { Tickets } from '../src/dutycalls/tickets.ts';
import { Failures } from '../src/failures.ts';
import { sandboxSlackApp } from '../src/index.ts';
import { MessageLog } from '../src/message-log.ts';
import { type PageEvent, readEvents } from '../src/page-events.ts';
import type { Stage } from '../src/receive.ts';
import type { ChannelMessageView } from '../src/slack-app/view.ts';
import { createWorkspaces, type Workspaces } from '../src/slack-app/workspaces.ts';
import { elementsIn, fakeDocument, textIn } from './fake-document.ts';

const { channel, team } = sandboxSlackApp;
const [ann, ben] = ['U0BELLANN01', 'U0BELLBEN02'];
const now = () => new Date('2026-03-02T09:00:00Z');

let slack: Workspaces;
let next: () => PageEvent | undefined;
beforeEach(() => {
  slack = createWorkspaces(now, {});
  const stage: Stage = {
    log: new MessageLog(10, 10_000),
    failures: new Failures(),
    tickets: new Tickets(),
    slack,
    now,
  };
  next = readEvents(stage, { deletions: 0, id: 0 }, () => ({ now: now(), zone: 'UTC' }));
});

const say = (text: string, more: object = {}) =>
  slack.messages.post({
    team,
    channel,
    author: { user: 'U0BELLTOCSN', bot: 'B0BELLTOCSN' },
    content: { text },
    origin: '',
    ...more,
  });

/** All that a page would be told now. */
function told(): PageEvent[] {
  const events: PageEvent[] = [];
  for (let event = next(); event; event = next()) events.push(event);
  return events;
}

const messagesTold = () => told().map(({ data }) => data as ChannelMessageView); // where nothing else has changed

describe('the events of the page', () => {
  it('bring the workspaces at first and when they change, and each message when it does', () => {
    const root = say('Disk full');
    expect(told().map(({ event }) => event)).toEqual(['slack', 'slack-message']);
    const reply = say('Worse', { threadTs: root.ts });
    expect(messagesTold()).toMatchObject([{ key: `${channel}:${root.ts}`, replies: [{ summary: 'Worse' }] }]);
    slack.messages.edit(reply, { text: 'Much worse' }, 'U0BELLTOCSN');
    slack.messages.delete(root);
    expect(messagesTold()).toMatchObject([
      { isDeleted: true, content: [], replies: [{ summary: 'Much worse', isEdited: true }] },
      { isDeleted: true },
    ]);
    slack.teams[0]!.channels[0]!.isArchived = true;
    expect(told().map(({ event }) => event)).toEqual(['slack']);
  });

  it('say who wrote, who alone sees it, and how a press went', () => {
    told();
    const message = say('Disk full', { visibleTo: ben });
    message.press = { label: 'Acknowledge', user: 'U0BELLDUT03', ok: false, says: 'no answer within 3 seconds' };
    slack.messages.touch(message);
    say('I am on it', { author: { user: ann } });
    expect(messagesTold()).toMatchObject([
      {
        author: 'Tocsin',
        isApp: true,
        visibleTo: { id: ben, label: 'Benedict Okoye' },
        press: { ok: false, says: 'duty-phone pressed Acknowledge: no answer within 3 seconds' },
      },
      { author: 'Ann Archer', isApp: false },
    ]);
  });
});

describe('what the page shows', () => {
  const bellTower = () => {
    const view = told().find(({ event }) => event === 'slack')!.data as { teams: Parameters<typeof livelyTeams>[0] }; // that event's
    return { teams: view.teams, first: view.teams[0]! };
  };

  it('is what the person sees, newest first, in the chosen channel', () => {
    const { first } = bellTower();
    const root = say('one');
    say('two', { visibleTo: ben });
    say('for Ben', { threadTs: root.ts, visibleTo: ben });
    say('three', { channel: 'C0BELLNOC03' });
    slack.messages.delete(say('four'));
    const latest = new Map(messagesTold().map((message) => [message.key, message]));
    const seen = (person: string, name?: string) =>
      seenBy(latest.values(), first, person, name).map(({ summary, replies }) => `${summary} ${replies.length}`);
    expect(seen(ann)).toEqual(['three 0', 'one 0']);
    expect(seen(ben)).toEqual(['three 0', 'two 0', 'one 1']);
    expect(seen(ann, '#noc')).toEqual(['three 0']);
    expect(hiddenFrom(latest.values(), first, ann)).toEqual(['2 that only Benedict Okoye sees']);
    expect(hiddenFrom(latest.values(), first, ben)).toEqual([]);
  });

  it('is the workspaces in which the app is, or something was said', () => {
    const { teams } = bellTower();
    expect(livelyTeams(teams, []).map(({ name }) => name)).toEqual(['Bell Tower']);
    say('hello', { team: 'T0LANTERN01', channel: 'C0LANTOPS01' });
    expect(livelyTeams(teams, messagesTold()).map(({ name }) => name)).toEqual(['Bell Tower', 'Lantern']);
  });

  it('has real controls in place of what only looks so', () => {
    const button = { type: 'button', action_id: 'ack', text: { type: 'plain_text', text: 'Acknowledge' } };
    const { content } = viewSlackMessage(
      { blocks: [{ type: 'actions', block_id: 'b', elements: [button] }] },
      { now: now(), zone: 'UTC' },
    );
    const still = content.map((node) => buildNode(node, fakeDocument));
    expect(elementsIn(still).map(({ tag }) => tag)).not.toContain('button');
    const live = content.map((node) =>
      buildNode(node, fakeDocument, (view) => {
        const element = fakeDocument.createElement('button');
        element.append(fakeDocument.createTextNode(`${view.action?.block}/${view.action?.id}`));
        return element;
      }),
    );
    expect(textIn(live)).toBe('b/ack');
  });
});

describe('messages', () => {
  it('are bounded by number, the oldest leave first', () => {
    const first = say('0');
    for (let count = 1; count <= 2_000; count += 1) say(String(count));
    expect(slack.messages.list()).toHaveLength(2_000);
    expect(slack.messages.find(channel, first.ts)).toBeUndefined();
  });

  it('are bounded by their size', () => {
    for (let count = 0; count < 40; count += 1) say('x'.repeat(1024 * 1024));
    expect(slack.messages.list().length).toBeLessThan(32);
  });

  it('have times of their own, however fast they come', () => {
    expect(new Set(Array.from({ length: 100 }, () => say('a').ts)).size).toBe(100);
  });
});
