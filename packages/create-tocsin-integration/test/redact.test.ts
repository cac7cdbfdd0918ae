import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redact } from '../src/redact/redact.ts';

function redacted(body: unknown, texts: Record<string, string> = {}, kept: string[] = []) {
  const {
    bodies,
    texts: others,
    replacements,
  } = redact({
    bodies: [body],
    texts: new Map(Object.entries(texts)),
    kept: new Set(kept),
  });
  return { body: bodies[0], texts: Object.fromEntries(others), replacements };
}

describe('What shows what it is', () => {
  test.each<[string, string, string]>([
    ['e-mail', 'Ask ann.lee@corp.io, please', 'Ask person-1@example.com, please'],
    ['phone', 'Call +49 171 2345678 now', 'Call +1 555 0101 now'],
    ['address', 'from 10.20.30.40:9100.', 'from 192.0.2.1:9100.'],
    ['address', 'from fd00::1:2, it', 'from 2001:db8::1, it'],
    ['host', 'see https://grafana.corp.io/d/1?x=y', 'see https://host-1.example.com/d/1?x=y'],
    ['host', 'http://shop/health of the shop', 'http://host-1.example.com/health of the shop'],
    ['secret', 'https://example.com/a?b=1&access_token=abcdef', 'https://example.com/a?b=1&access_token=redacted-1'],
    ['secret', 'https://user:hunter22@example.com/', 'https://redacted-1@example.com/'],
    ['secret', 'Authorization: Bearer abc.def-123', 'Authorization: Bearer redacted-1'],
    ['secret', 'xoxb-12345678-abcdef', 'redacted-1'],
    ['secret', 'id Zx81kQp0Lr7sTq24Wm93', 'id redacted-1'],
    ['secret', '0123456789abcdef0123456789abcdef', 'a0000000000000000000000000000001'],
  ])('%s: %s', (kind, text, expected) => {
    const { body, replacements } = redacted({ text });
    expect(body).toEqual({ text: expected });
    expect(replacements.map((one) => one.kind)).toEqual([kind]);
  });

  test('as does the name of what it stands in, with its type', () => {
    const given = {
      password: 'tiger',
      pin: 482913,
      who: { assignee: { name: 'Ann Lee', team: 'core' } },
      phone: 491712345,
    };
    expect(redacted(given).body).toEqual({
      password: 'redacted-1',
      pin: 100001,
      who: { assignee: { name: 'Person 1', team: 'core' } },
      phone: 100000001,
    });
  });

  test.each([
    ['2026-01-15T09:23:04+01:00'],
    ['09:23:04'],
    ['web-1'],
    ['version 1.2.3'],
    ['127.0.0.1'],
    ['https://acme.example.com/monitors/184'],
    ['6f9619ff-8b86-d011-b42d-00cf4fc964ff'],
    ['a-monitor-with-a-rather-long-name'],
    ['P2'],
  ])('%s stays', (text) => {
    expect(redacted({ text, user: 'firing' })).toEqual({ body: { text, user: 'firing' }, texts: {}, replacements: [] });
  });

  test('words that decide something stay', () => {
    expect(redacted({ owner: 'kaputt' }, {}, ['kaputt']).replacements).toEqual([]);
  });
});

test('what is replaced in one place is replaced in all, templates and keys among them', () => {
  const given = {
    url: 'https://grafana.corp.io/1',
    host: 'grafana.corp.io',
    user: 'Ann Lee',
    text: 'Ann Lee looks at grafana.corp.io; Annabel Leeds does not',
    watchers: { 'ann@corp.io': true },
  };
  const { body, texts, replacements } = redacted(given, { title: '{{payload.title}} https://grafana.corp.io/{{x}}' });
  expect(body).toEqual({
    url: 'https://host-1.example.com/1',
    host: 'host-1.example.com',
    user: 'Person 1',
    text: 'Person 1 looks at host-1.example.com; Annabel Leeds does not',
    watchers: { 'person-1@example.com': true },
  });
  expect(texts).toEqual({ title: '{{payload.title}} https://host-1.example.com/{{x}}' });
  expect(replacements.find(({ kind }) => kind === 'host')?.places).toEqual(['url', 'title']);
});

test('a replacement is never a text that was there before', () => {
  expect(redacted({ user: 'Ann Lee', text: 'Person 1 and person-1@example.com', mail: 'a@b.io' }).body).toEqual({
    user: 'Person 2',
    text: 'Person 1 and person-1@example.com',
    mail: 'person-2@example.com',
  });
});

const digits = (length: number) => fc.stringMatching(/^[1-9][0-9]*$/).filter((text) => text.length >= length);
const letters = fc.stringMatching(/^[b-y]{4,9}$/);
/** What must not be seen, and a payload's field that holds it. */
const sensitive = fc.oneof(
  fc.tuple(letters, letters).map(([name, domain]) => ({ secret: `${name}@${domain}.io`, key: 'text' })),
  fc.tuple(letters, letters).map(([host, domain]) => ({ secret: `${host}.${domain}.io`, key: 'url' })),
  fc
    .ipV4()
    .map((secret) => ({ secret, key: 'text' }))
    .filter(({ secret }) => !/^(127|0|192\.0\.2|198|203)\./.test(secret)),
  fc.tuple(letters, letters).map(([first, last]) => ({ secret: `${first} ${last}`, key: 'owner' })),
  fc
    .string({ minLength: 8, maxLength: 30, unit: 'grapheme-ascii' })
    .map((secret) => ({ secret, key: 'api_key' }))
    .filter(({ secret }) => /\w{4}/.test(secret)),
  digits(8)
    .filter((text) => text.length <= 14)
    .map((secret) => ({ secret, key: 'phone' })),
);

test('nothing of it is left, equal stays equal and different stays different', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(sensitive, { selector: ({ secret }) => secret, minLength: 1, maxLength: 6 }),
      letters,
      (list, word) => {
        const value = ({ key, secret }: (typeof list)[number]) =>
          key === 'url' ? `https://${secret}/${word}` : secret;
        const fields = list.map((one) => ({ [one.key]: value(one) }));
        const { body, texts } = redacted(
          { first: fields, again: fields, text: list.map(({ secret }) => `${word}: ${secret};`).join(' ') },
          { title: list.map((one) => `${word} ${value(one)} `).join('') },
        );
        const { first, again } = body as { first: object[]; again: object[] }; // keys are no secrets
        const shown = JSON.stringify(body) + JSON.stringify(texts);
        for (const { secret } of list) {
          if (list.some((other) => other.secret !== secret && other.secret.includes(secret))) continue;
          expect(shown).not.toContain(JSON.stringify(secret).slice(1, -1));
        }
        expect(again).toEqual(first);
        expect(new Set(first.map((one) => JSON.stringify(Object.values(one)))).size).toBe(list.length);
      },
    ),
    { numRuns: 150 },
  );
});
