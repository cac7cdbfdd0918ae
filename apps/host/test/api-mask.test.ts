import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Mask } from '../src/api/mask.ts';
import { Vault } from '../src/egress/vault.ts';
import { escapeHtml } from '../src/pages/html.ts';
import type { ChangingSecrets } from '../src/secret-forms.ts';
import { canary, openTestHost, type TestHost, tokens } from './api-host.ts';

function maskOf(secrets: Record<string, string>, others: { name: string; value: string }[] = []): Mask {
  const known = others.map((token) => ({ ...token, role: 'viewer' as const }));
  return new Mask({ config: { secrets: new Map(Object.entries(secrets)) }, tokens: known });
}

function ascii(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function names(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

describe('Mask', () => {
  it('has what stands in place of the tokens of installations, also of those that come later', () => {
    const all = { version: 0, known: () => (all.version === 0 ? [] : [['${installation:ops/T1}', 'xoxb-of-a-test']]) };
    const installations = { all: all as ChangingSecrets };
    const mask = new Mask({ config: { secrets: new Map() }, tokens: [], installations });
    expect(mask.text('it is xoxb-of-a-test')).toBe('it is xoxb-of-a-test');
    all.version = 1;
    expect(mask.text('it is xoxb-of-a-test')).toBe('it is ${installation:ops/T1}');
  });

  const forms: Record<string, (value: string) => string> = {
    plain: (value) => value,
    json: (value) => JSON.stringify({ value }),
    'JSON of PHP': (value) => ascii(JSON.stringify({ value })).replaceAll('/', '\\/'),
    'JSON of Python': (value) => ascii(JSON.stringify({ value })),
    html: (value) => `<p>${escapeHtml(value)}</p>`,
    'HTML of Go': (value) => names(value).replaceAll('"', '&#34;').replaceAll("'", '&#39;'),
    'HTML of PHP': (value) => names(value).replaceAll('"', '&quot;').replaceAll("'", '&#039;'),
    'HTML of Python': (value) => names(value).replaceAll('"', '&quot;').replaceAll("'", '&#x27;'),
    address: (value) => `https://x.example/?q=${encodeURIComponent(value)}`,
    form: (value) => new URLSearchParams({ value }).toString(),
    path: (value) => `https://x.example/${value.split('/').map(encodeURIComponent).join('/')}`,
    basic: (value) => `Basic ${Buffer.from(`user:${value}`).toString('base64')}`,
    base64url: (value) => Buffer.from(`{"k":"${value}"}`).toString('base64url'),
  };

  it.each(Object.keys(forms))('hides a value of any kind of character, %s', (form) => {
    const alphabet = [...'abcXYZ019 /+&=%"\\<>\'üñ€', '😀'];
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...alphabet), { minLength: 8, maxLength: 40 }).map((letters) => letters.join('')),
        fc.string({ maxLength: 10 }),
        (value, around) => {
          const shown = forms[form]?.(value) ?? '';
          const masked = maskOf({ '${env:KEY}': value }).text(`${around}${shown}${around}`);
          expect(masked).toContain('${env:KEY}');
          expect(masked).not.toContain(value);
          expect(new Vault(new Map([['${env:KEY}', value]])).mask(shown)).toContain('${env:KEY}');
          expect(masked).not.toContain(Buffer.from(value).toString('base64').replace(/=+$/, '').slice(0, -1));
        },
      ),
    );
  });

  it('leaves short values, which are words of the language', () => {
    expect(maskOf({ '${env:A}': 'ops' }).text('the ops team')).toBe('the ops team');
  });

  it('takes the longer of two secrets of which one contains the other', () => {
    const mask = maskOf({ '${env:SHORT}': 'abcdefgh', '${env:LONG}': 'abcdefgh-ijkl' });
    expect(mask.text('x abcdefgh-ijkl y abcdefgh')).toBe('x ${env:LONG} y ${env:SHORT}');
  });

  it('hides tokens, reads a dollar in a reference as a dollar, and goes into every text of a value', () => {
    const mask = maskOf({ '${file:/run/$&}': 'value-of-file' }, [{ name: 'a"b', value: 'token-value-1' }]);
    expect(mask.text('value-of-file')).toBe('${file:/run/$&}');
    expect(mask.deep({ a: ['token-value-1', 5, null], b: { c: 'value-of-file' } })).toEqual({
      a: ['${token:a%22b}', 5, null],
      b: { c: '${file:/run/$&}' },
    });
  });
});

describe('a secret that a vendor sends back', () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await openTestHost();
    const id = await host.alert({
      labels: { alertname: `label ${canary}`, instance: tokens.ann.value },
      data: JSON.stringify({ echo: canary }),
    });
    await host.deliver(
      { outcome: 'retry', reason: `HTTP 500: ${canary}` },
      {
        request: {
          method: 'POST',
          url: `https://x.example/${encodeURIComponent(canary)}`,
          headers: { a: canary },
          body: JSON.stringify({ canary }),
        },
        response: {
          status: 500,
          headers: { 'x-echo': `Basic ${Buffer.from(`u:${canary}`).toString('base64')}` },
          body: `{"token":${JSON.stringify(canary)}}`,
        },
        error: canary,
      },
    );
    await host.store.commit([
      {
        kind: 'request',
        source: 'prod',
        path: `/${canary}`,
        reason: `a: ${canary}`,
        body: JSON.stringify({ canary }),
        contentType: 'application/json',
      },
      { kind: 'action', action: 'acknowledge', group: id, actor: 'ann', comment: `the key is ${canary}` },
    ]);
  });
  afterAll(() => host.close());

  const lists = [
    'groups',
    'groups/1001',
    'groups/1001/events',
    'groups/1001/members',
    'deliveries',
    'attempts',
    'requests',
    'integrations',
    'render?target=ops&group=1001',
    'templates/prod/diff',
  ];

  it.each(lists)('is in no answer of /api/v1/%s', async (list) => {
    const { body, statusCode } = await host.app.inject({
      url: `/api/v1/${list}`,
      headers: { authorization: `Bearer ${tokens.vic.value}` },
    });
    expect(statusCode).toBe(200);
    expect(body).not.toContain('canary/9');
    expect(body).not.toContain('canary%2F9');
    expect(body).not.toContain(Buffer.from(canary).toString('base64').slice(4, 24));
    expect(body).not.toContain(tokens.ann.value);
    if (list !== 'deliveries') expect(body).toContain('${env:CANARY}');
  });

  it('is on no page', async () => {
    const cookie = await host.signIn(tokens.vic);
    for (const url of ['/', '/g/1001']) {
      const { body } = await host.app.inject({ url, headers: { cookie } });
      expect(body).toContain('${env:CANARY}');
      expect(body).not.toContain('canary/9');
      expect(body).not.toContain(tokens.ann.value);
    }
  });
});
