import { describe, expect, test } from 'vitest';
import slack from '../src/index.ts';

const webhookUrl = 'https://hooks.slack.com/services/T0/B0/x';
const token = 'xoxb-made-up';

/** What is wrong, by the setting that it is said of. */
function faults(settings: object): Record<string, string> {
  const issues = slack.settings.safeParse(settings).error?.issues ?? [];
  return Object.fromEntries(issues.map(({ path, message }) => [path.join('.'), message]));
}

test.each([
  { webhookUrl },
  { token },
  { token, channel: 'C024BE91L' },
  { token, channel: 'G024BE91L', signingSecret: 'made-up' },
])('%j is enough', (settings) => {
  expect(faults(settings)).toEqual({});
});

test.each<[object, string, RegExp]>([
  [{}, 'token', /give the `token` of an app, .* or a `webhookUrl`/],
  [{ signingSecret: 'made-up' }, 'token', /is missing/],
  [{ webhookUrl, token }, 'token', /leave out either/],
  [{ webhookUrl, channel: 'C024BE91L' }, 'channel', /a webhook has its own channel/],
  [{ webhookUrl, signingSecret: 'made-up' }, 'signingSecret', /give its `token`/],
  [{ token, channel: '#ops' }, 'channel', /is no id of a channel/],
  [{ token, channel: 'U061F7AUR' }, 'channel', /is no id of a channel/],
  [{ token, apiUrl: 'file:///etc/passwd' }, 'apiUrl', /URL/],
])('%j says what is wrong', (settings, name, message) => {
  expect(faults(settings)).toEqual({ [name]: expect.stringMatching(message) });
});

test.each(['C024BE91L', 'G024BE91L', 'D024BE91L', 'T024BE7LD/C024BE91L'])('%s is an address', (address) => {
  expect(slack.address?.safeParse(address).success).toBe(true);
});

test.each(['#ops', 'ops', 'U061F7AUR', 'T024BE7LD/', 'T024BE7LD', 'C024BE91L\n', 'T1/T2/C024BE91L', '@ann'])(
  '%j is no address',
  (address) => {
    expect(slack.address?.safeParse(address).error?.issues[0]?.message).toMatch(/is no id of a channel/);
  },
);

describe('a webhook', () => {
  test('seed-O1 needs no token; it edits nothing, and has nothing to press', () => {
    const webhook = slack.settings.parse({ webhookUrl });
    expect([slack.edits?.(webhook), slack.actions?.offered(webhook)]).toEqual([false, false]);
  });
});

describe('an app', () => {
  test('seed-O1 has a token, edits what it told, and has buttons only where their presses can be verified', () => {
    const mute = slack.settings.parse({ token });
    const whole = slack.settings.parse({ token, signingSecret: 'made-up' });
    expect([slack.edits?.(mute), slack.actions?.offered(mute)]).toEqual([true, false]);
    expect([slack.edits?.(whole), slack.actions?.offered(whole)]).toEqual([true, true]);
  });
});
