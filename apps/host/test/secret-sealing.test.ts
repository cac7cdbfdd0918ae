import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSecretId } from '../src/config/secret-id.ts';
import { newMasterKey, readMasterKey } from '../src/secrets/master-key.ts';
import { allowsHost, allowsTarget, readHost } from '../src/secrets/reach.ts';
import { readSecret, type SecretInfo, sealSecret, writeSecret } from '../src/secrets/record.ts';

const key = newMasterKey();
const keys = { find: (id: string) => (id === key.id ? key : undefined) };
const info: SecretInfo = { id: 'slack/ops', author: 'ann', createdAt: 1, updatedAt: 2, targets: ['*'], hosts: ['*'] };

const stored = (value: string, about = info) => ({ ...writeSecret(sealSecret(about, value, key)), writtenAt: 3 });

/** The same record with another value of one field. */
function changed(record: ReturnType<typeof stored>, change: (body: { sealed: { text: string } } & SecretInfo) => void) {
  const body = JSON.parse(record.value);
  change(body);
  return { ...record, value: JSON.stringify(body) };
}

describe('a secret in the store', () => {
  it('seed-K9 is not its value, and opens as it was', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 6, unit: 'grapheme' }), (value) => {
        const record = stored(value);
        expect(readSecret(record, keys)).toMatchObject({ ...info, value });
        for (const form of [value, Buffer.from(value).toString('base64'), JSON.stringify(value).slice(1, -1)]) {
          expect(record.value).not.toContain(form);
        }
      }),
    );
  });

  it('seed-K9 lies there differently each time', () => {
    const texts = Array.from({ length: 50 }, () => JSON.parse(stored('the-same-value').value).sealed);
    expect(new Set(texts.map(({ nonce }) => nonce)).size).toBe(50);
    expect(new Set(texts.map(({ text }) => text)).size).toBe(50);
  });

  it.each<[string, (record: ReturnType<typeof stored>) => ReturnType<typeof stored>]>([
    ['under another id', (record) => ({ ...record, id: 'slack/dev' })],
    ['under an id that only looks the same', (record) => ({ ...record, id: 'sla-ck/ops' })],
    ['for more hosts', (record) => changed(record, (body) => Object.assign(body, { hosts: ['evil.example'] }))],
    ['for more targets', (record) => changed(record, (body) => Object.assign(body, { targets: ['other'] }))],
    ['cut', (record) => changed(record, ({ sealed }) => Object.assign(sealed, { text: sealed.text.slice(0, 20) }))],
    ['without its key', (record) => changed(record, ({ sealed }) => Object.assign(sealed, { key: 'other' }))],
    ['that is no JSON', (record) => ({ ...record, value: '{' })],
    ['that has none of it', (record) => ({ ...record, value: '{}' })],
  ])('does not open %s', (_, change) => {
    expect(readSecret(change(stored('value-of-a-test')), keys).value).toBeUndefined();
  });

  it('does not open with any bit turned', () => {
    const record = stored('value-of-a-test');
    const bytes = Buffer.from(JSON.parse(record.value).sealed.text, 'base64');
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const turned = Buffer.from(bytes);
      turned[bit >> 3] = (turned[bit >> 3] as number) ^ (1 << (bit & 7));
      const other = changed(record, ({ sealed }) => Object.assign(sealed, { text: turned.toString('base64') }));
      expect(readSecret(other, keys).value).toBeUndefined();
    }
  });
});

describe('the id of a secret', () => {
  it.each(['slack/ops', 'a-b/c', 'ab/c', 'a.b/c_d', `${'a'.repeat(253)}/1`])('seed-K10 may be %s', (id) => {
    expect(isSecretId(id)).toBe(true);
  });

  it.each(['slack', 'a/b/c', '/c', 'a/', '-a/b', 'a b/c', 'a/b}', 'ä/b', '../b', `${'a'.repeat(254)}/1`, ''])(
    'seed-K9 is not %j',
    (id) => {
      expect(isSecretId(id)).toBe(false);
    },
  );
});

describe('a key of the secrets', () => {
  it('is 32 bytes in base64 or hex, the same key in each', () => {
    const bytes = Buffer.alloc(32, 0xfb);
    const written = [bytes.toString('base64'), bytes.toString('base64url'), bytes.toString('hex')];
    expect(new Set(written.map((text) => readMasterKey(text)?.id)).size).toBe(1);
    expect(readMasterKey(bytes.toString('hex').toUpperCase())?.bytes).toEqual(bytes);
  });

  it.each(['', 'short', 'x'.repeat(64), Buffer.alloc(31).toString('base64'), Buffer.alloc(33).toString('base64')])(
    'is not %j',
    (text) => {
      expect(readMasterKey(text)).toBeUndefined();
    },
  );
});

describe('the reach of a secret', () => {
  it.each([
    ['hooks.slack.com', 'hooks.slack.com', true],
    ['hooks.slack.com', 'HOOKS.slack.com.', true],
    ['hooks.slack.com', 'evil-hooks.slack.com', false],
    ['hooks.slack.com', 'hooks.slack.com.evil.example', false],
    ['*.slack.com', 'hooks.slack.com', true],
    ['*.slack.com', 'a.b.slack.com', true],
    ['*.slack.com', 'slack.com', false],
    ['*.slack.com', 'evilslack.com', false],
    ['*.slack.com', '.slack.com', false],
    ['10.0.0.7', '10.0.0.7', true],
    ['::1', '[::1]', true],
    ['Bücher.example', 'xn--bcher-kva.example', true],
    ['*', 'anything.example', true],
  ])('seed-K9 to %s allows %s: %s', (entry, host, isAllowed) => {
    const read = readHost(entry);
    expect(read).toBeDefined();
    expect(allowsHost({ hosts: read === undefined ? [] : [read] }, host)).toBe(isAllowed);
  });

  it.each([
    '',
    '*.',
    '**',
    'a*.example',
    '*.*',
    'https://a.example',
    'a.example/x',
    'a.example:443',
    'a@b',
    'a b',
    '*.10.0.0.7',
  ])('is not written %j', (entry) => {
    expect(readHost(entry)).toBeUndefined();
  });

  it('seed-K11 is of the targets that are named, and of no others', () => {
    expect(allowsTarget({ targets: ['ops', 'dev'] }, 'dev')).toBe(true);
    expect(allowsTarget({ targets: ['ops', 'dev'] }, 'de')).toBe(false);
    expect(allowsTarget({ targets: ['*'] }, 'any')).toBe(true);
  });
});
