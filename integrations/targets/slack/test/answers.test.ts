import { describe, expect, test } from 'vitest';
import slack from '../src/index.ts';

// What the Web API answers; most of its words are in examples/app/answers.json.

const settings = slack.settings.parse({ token: 'xoxb-made-up', channel: 'C024BE91L' });
const outcome = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  slack.outcome?.({ status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) }, settings);
const no = (error: string, more: object = {}) => ({ ok: false, error, ...more });

describe('the handle of a message', () => {
  const posted = { ok: true, channel: 'C024BE91L', ts: '1768469400.000247' };

  test('is its channel and its time, with the workspace where Slack says it', () => {
    expect(outcome(posted)).toEqual({ outcome: 'delivered', ref: 'C024BE91L:1768469400.000247' });
    expect(outcome({ ...posted, message: { team: 'T024BE7LD' } })).toEqual({
      outcome: 'delivered',
      ref: 'T024BE7LD/C024BE91L:1768469400.000247',
    });
  });

  test('is none of what stands in its thread, but of the message that has one', () => {
    expect(outcome({ ...posted, message: { thread_ts: '1768469300.000100' } })).toEqual({ outcome: 'delivered' });
    expect(outcome({ ...posted, message: { thread_ts: posted.ts } })).toMatchObject({ ref: expect.any(String) });
  });

  test.each([{ channel: 'C0 24' }, { ts: 'now' }, { ts: 17 }, { channel: 'x'.repeat(1_000) }])(
    'is none where Slack says %j',
    (change) => {
      expect(outcome({ ...posted, ...change })).toEqual({ outcome: 'delivered' });
    },
  );
});

describe('a refusal', () => {
  test.each([
    ['not_in_channel', /invite it there/],
    ['channel_not_found', /copy the id/],
    ['is_archived', /restore it/],
    ['restricted_action', /ask its admins/],
  ])('of the channel (%s) says what to do, and stops nobody else', (word, words) => {
    expect(outcome(no(word))).toEqual({
      outcome: 'refused',
      reason: expect.stringMatching(new RegExp(`^${word}: .{20}`)),
      setUp: expect.stringMatching(words),
    });
  });

  test.each(['token_revoked', 'invalid_auth', 'account_inactive', 'not_authed'])(
    'of the token (%s) says what to do, and all that is owed waits',
    (word) => {
      expect(outcome(no(word))).toMatchObject({ outcome: 'disabled', setUp: expect.stringContaining('token') });
    },
  );

  test('for want of a scope names it, if it is one', () => {
    const setUp = (needed: unknown) => outcome(no('missing_scope', { needed }));
    expect(setUp('chat:write.public')).toMatchObject({ setUp: expect.stringContaining('chat:write.public') });
    for (const given of ['<b>', 'x'.repeat(1_000), 7, undefined])
      expect(setUp(given)).toMatchObject({ setUp: expect.stringMatching(/lacks the scope chat:write;.*install/) });
  });

  test('of the message itself shows where Slack points, and blames no set-up', () => {
    const answer = no('invalid_blocks', { response_metadata: { messages: ['[ERROR] too long [/blocks/0]'] } });
    expect(outcome(answer)).toEqual({ outcome: 'refused', reason: expect.stringContaining('/blocks/0') });
  });

  test.each(['something_new', 'constructor', 'toString', '', 'x'.repeat(5_000)])(
    'that nobody knows (%j) is one',
    (word) => {
      const read = outcome(no(word));
      expect(read).toEqual({ outcome: 'refused', reason: expect.stringMatching(/^.{0,200}$/) });
    },
  );

  test('counts whatever the status', () => {
    expect(outcome(no('not_in_channel'), 403)).toMatchObject({ outcome: 'refused' });
    expect(outcome(no('invalid_auth'), 401)).toMatchObject({ outcome: 'disabled' });
  });
});

describe('an answer that is over some time', () => {
  test('is tried again, when Slack says', () => {
    const headers = { 'retry-after': '17' };
    expect(outcome(no('ratelimited'), 429, headers)).toMatchObject({ outcome: 'retry', after: 17_000 });
    expect(outcome(no('ratelimited'), 200, headers)).toMatchObject({ outcome: 'retry', after: 17_000 });
    expect(outcome(no('internal_error'))).toMatchObject({ outcome: 'retry' });
    expect(outcome(no('something_new'), 503)).toMatchObject({ outcome: 'retry' });
    expect(outcome('<html>', 502)).toMatchObject({ outcome: 'retry' });
  });
});

test.each(['<html>Sign in</html>', '', '[]', '{}', '"ok"', 'ok', '{"ok":"true"}'])(
  'what is not Slack (%j) is no success',
  (body) => {
    expect(outcome(body)).toMatchObject({ outcome: 'refused', setUp: expect.stringContaining('apiUrl') });
  },
);
