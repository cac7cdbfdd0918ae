import {
  type Notification,
  type NotificationInput,
  renderNotification,
  severities,
  standardNotifications,
  standardNow,
  standardTemplates,
} from '@tocsin/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import slack from '../src/index.ts';

const settings = slack.settings.parse({ webhookUrl: 'https://hooks.slack.com/services/T0/B0/x' });

interface Message {
  text: string;
  blocks: { text: { text: string } }[];
  attachments: {
    color?: string;
    image_url?: string;
    blocks?: { type: string; text?: { text: string }; elements?: { text: string }[] }[];
  }[];
}

function send(input: NotificationInput, changes: Partial<Notification> = {}): { message: Message; texts: string[] } {
  const notification = renderNotification(
    input,
    standardTemplates,
    { medium: 'slack', limits: slack.limits },
    { now: standardNow },
  );
  const request = slack.request({ ...notification, ...changes }, settings, []);
  const message: Message = JSON.parse(request?.body ?? '');
  const sections = message.attachments.flatMap(({ blocks = [] }) => blocks);
  const texts = sections.flatMap(({ text, elements = [] }) => [
    ...(text ? [text.text] : []),
    ...elements.map((element) => element.text),
  ]);
  return { message, texts: [message.text, ...message.blocks.map(({ text }) => text.text), ...texts] };
}

function withText(text: string): NotificationInput {
  const { acknowledged } = standardNotifications;
  const alert = {
    ...acknowledged.alert,
    labels: { [text]: text },
    data: {
      summary: text,
      description: text,
      url: `https://x.example/?${text}`,
      image: text,
      used: text,
      runbook: text,
    },
  };
  return {
    ...acknowledged,
    event: { ...acknowledged.event, actor: text, comment: text },
    group: { ...acknowledged.group, key: text },
    alert,
    alerts: [alert, alert],
  };
}

/** What Slack makes of text: https://docs.slack.dev/messaging/formatting-message-text/#special-mentions and #linking-urls */
const reference = /<([^<>]*)>/g;

describe('no payload text becomes a mention, a link or markup', () => {
  const unit = fc.constantFrom(
    '<',
    '>',
    '!',
    '@',
    '#',
    '|',
    '&',
    'here',
    'channel',
    'U024BE7LH',
    '^',
    ':',
    '*',
    '_',
    '~',
    '`',
    '\n',
    ' ',
    'https://evil.example',
    'mailto:a@b.c',
    '(',
    ')',
    '[',
    ']',
    '\\',
    '"',
    '!date^1^{date}',
  );

  test('whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 60 }), (text) => {
        for (const shown of send(withText(text)).texts) {
          const references = [...shown.matchAll(reference)].map(([, inside]) => inside as string);
          for (const inside of references)
            expect(inside).toMatch(
              /^((?:https?:\/\/|mailto:)[^|]+\|[\w ]+|!date\^\d+\^\{date_short_pretty\}, \{time\}\|[\d: -]+ UTC)$/,
            );
          expect(shown.replace(reference, '')).not.toMatch(/[<>]|@(here|channel|everyone)/);
        }
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    '<!channel>',
    '<!here|here>',
    '<!everyone>',
    '<!subteam^SAZ94GDB8>',
    '<@U024BE7LH>',
    '<#C024BE7LR>',
    '<https://evil.example|Sign in>',
  ])('such as %s', (text) => {
    const { texts } = send(withText(text));
    expect(texts.join('\n')).toContain('&lt;');
    expect(texts.join('\n')).not.toContain(text);
  });
});

describe("Slack's limits hold", () => {
  test.each(Object.entries(standardNotifications))('for %s', (_, input) => {
    const { message, texts } = send(input);
    const [header] = message.blocks;
    expect(header?.text.text.length).toBeLessThanOrEqual(150);
    for (const text of texts) expect(text.length).toBeLessThanOrEqual(3000);
    for (const text of texts) expect(text).not.toBe('');
  });

  test('for the longest of everything', () => {
    const long = send(withText('&<long> '.repeat(2000)));
    expect(long.message.text.length).toBeLessThanOrEqual(150);
    expect(Math.max(...long.texts.map((text) => text.length))).toBeLessThanOrEqual(3000);
  });
});

describe('how it stands', () => {
  test('is said in words first, and never by colour alone', () => {
    for (const input of Object.values(standardNotifications)) {
      const { message } = send(input);
      expect(message.text).toMatch(/^(Firing|Resolved|Acknowledged|Silenced|Update)\b/);
      expect(message.blocks[0]?.text.text).toBe(message.text);
    }
  });

  test('has a colour for each severity, and others for what is no alarm any more', () => {
    const { firing, resolved, acknowledged, silenced } = standardNotifications;
    const colour = (input: NotificationInput) => send(input).message.attachments[0]?.color;
    const all = [
      ...severities.map((severity) => colour({ ...firing, group: { ...firing.group, severity } })),
      colour(resolved),
      colour(acknowledged),
    ];
    expect(new Set(all).size).toBe(all.length);
    expect(all.every((color) => /^#[0-9a-f]{6}$/.test(color ?? ''))).toBe(true);
    expect(colour(silenced)).toBe(colour({ ...firing, group: { ...firing.group, severity: 'unknown' } }));
  });

  test('is told with the time that it began, and ended', () => {
    expect(send(standardNotifications.firing).texts.at(-1)).toMatch(/since <!date\^1768468980\^/);
    expect(send(standardNotifications.resolved).texts.at(-1)).toMatch(
      /<!date\^1768468980\^[^>]*> – <!date\^1768469400\^/,
    );
  });
});

test('a picture stands beside, where one that cannot be fetched does no harm', () => {
  const { message } = send(standardNotifications.firing);
  expect(message.attachments[1]?.image_url).toBe('https://monitoring.example.com/charts/disk-db-1.png');
  expect(send(standardNotifications.minimal).message.attachments).toHaveLength(1);
});

test('one request is all', () => {
  const notification = renderNotification(
    standardNotifications.firing,
    standardTemplates,
    { medium: 'slack', limits: {} },
    { now: standardNow },
  );
  expect(slack.request(notification, settings, [{ status: 200, headers: {}, body: 'ok' }])).toBeUndefined();
});

describe('an answer', () => {
  const outcome = (status: number, body: string, headers: Record<string, string> = {}) =>
    slack.outcome?.({ status, headers, body }, settings);

  test('ok is the only success', () => {
    expect(outcome(200, 'ok')).toEqual({ outcome: 'delivered' });
    expect(outcome(200, 'ok\n')).toEqual({ outcome: 'delivered' });
    expect(outcome(200, '<html>Sign in</html>')).toMatchObject({
      outcome: 'refused',
      reason: expect.stringContaining('is webhookUrl the one'),
    });
  });

  test.each([
    [400, 'invalid_payload'],
    [400, 'user_not_found'],
    [400, 'no_text'],
    [400, 'invalid_blocks'],
    [403, 'action_prohibited'],
    [403, 'invalid_token'],
    [403, 'posting_to_general_channel_denied'],
    [404, 'channel_not_found'],
    [404, 'no_service'],
    [404, 'no_team'],
    [410, 'channel_is_archived'],
    [500, 'no_service'],
  ])('%i %s is refused for good, with what to do', (status, word) => {
    expect(outcome(status, word)).toMatchObject({
      outcome: status === 410 ? 'disabled' : 'refused',
      reason: expect.stringMatching(new RegExp(`^${word}: .{20}`)),
    });
  });

  test('says of a broken set-up what to do, and of a message that it doesn’t understand nothing', () => {
    expect(outcome(404, 'no_service')).toMatchObject({ setUp: expect.stringContaining('webhookUrl') });
    expect(outcome(400, 'invalid_payload')).not.toHaveProperty('setUp');
    expect(outcome(403, 'something new')).toMatchObject({ setUp: expect.stringContaining('credentials') });
  });

  test.each([
    [500, 'rollup_error'],
    [503, 'service_unavailable'],
    [502, ''],
    [408, ''],
  ])('%i %j is tried again', (status, body) => {
    expect(outcome(status, body)).toMatchObject({ outcome: 'retry' });
  });

  test('429 is tried again when Slack says', () => {
    expect(outcome(429, 'rate_limited', { 'retry-after': '17' })).toMatchObject({ outcome: 'retry', after: 17_000 });
  });

  test.each([
    [404, ''],
    [302, ''],
    [400, 'something new'],
    [200, 'constructor'],
  ])('%i %j is refused', (status, body) => {
    expect(outcome(status, body)).toMatchObject({
      outcome: 'refused',
      reason: expect.not.stringContaining('function'),
    });
  });
});

test('a notice where nothing failed is blue, not green as what is over', () => {
  const { resolved } = standardNotifications;
  expect(send(resolved).message.attachments[0]?.color).toBe('#2b8a3e');
  const notice = { ...resolved, event: { ...resolved.event, kind: 'notice' as const } };
  expect(send(notice).message.attachments[0]?.color).toBe('#1c7ed6');
});

test('an address is none of a webhook’s, and nothing goes to another channel than was meant', () => {
  const notification = renderNotification(
    { ...standardNotifications.firing, address: 'C024BE91L' },
    standardTemplates,
    { medium: 'slack', limits: {} },
    { now: standardNow },
  );
  expect(() => slack.request(notification, settings, [])).toThrow(/remove the `address`/);
});
