import type { HttpRequest } from '@tocsin/core';
import { TocsinError } from '@tocsin/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type StoredSecrets, Vault } from '../src/egress/vault.ts';

// How values come into a request. Settings hold stand-ins; only the door knows what for.

/** Two secrets whose names were the same if their signs were dropped. */
const values: Record<string, string> = {
  'a-b/c': 'value of a-b/c',
  'ab/c': 'value of ab/c',
  'a-b.c/d': 'one',
  'ab.c/d': 'two',
};

function storeOf(more: Record<string, string> = {}): StoredSecrets & { asked: string[] } {
  const all: Record<string, string> = { ...values, ...more };
  const asked: string[] = [];
  return {
    asked,
    version: 1,
    known: () => Object.entries(all).map(([id, value]) => [`\${secret:${id}}`, value] as const),
    read: (id, target) => {
      asked.push(`${target} reads ${id}`);
      return all[id] ?? '';
    },
    checkHost: (id, host) => {
      asked.push(`${host} gets ${id}`);
      if (host === 'evil.example') throw new TocsinError('egress', `${id} is not for ${host}`);
    },
  };
}

/** The request with these settings in it, as it leaves. */
function opened(build: (setting: string) => HttpRequest, text: string, stored = storeOf()): HttpRequest {
  const vault = new Vault(new Map(), { stored });
  return vault.open(build(String(vault.seal(text))), 'ops');
}

const secret = '${secret:x/y}';
const withValue = (value: string) => storeOf({ 'x/y': value });
/** What an operator may have, and what each position has to write in another way. */
const anyValue = fc.string({ unit: 'grapheme', minLength: 6, maxLength: 60 });

describe('a secret of the store', () => {
  it('seed-K10 stands in a header as it is', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const build = (setting: string): HttpRequest => ({
          method: 'POST',
          url: 'https://a.example/',
          headers: { a: `Bearer ${setting}` },
        });
        expect(opened(build, secret, withValue(value)).headers).toEqual({ a: `Bearer ${value}` });
      }),
    );
  });

  it('seed-K10 arrives in a JSON body, whatever its signs', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const build = (setting: string): HttpRequest => ({
          method: 'POST',
          url: 'https://a.example/',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({ token: `<${setting}>`, other: '"' }),
        });
        expect(JSON.parse(opened(build, secret, withValue(value)).body ?? '')).toEqual({
          token: `<${value}>`,
          other: '"',
        });
      }),
    );
  });

  it('seed-K10 arrives in a form, whatever its signs', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const build = (setting: string): HttpRequest => ({
          method: 'POST',
          url: 'https://a.example/',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: `token=${setting}&x=1`,
        });
        expect([...new URLSearchParams(opened(build, secret, withValue(value)).body)]).toEqual([
          ['token', value],
          ['x', '1'],
        ]);
      }),
    );
  });

  it('seed-K21 arrives in the query and in the path, and never ends them', () => {
    fc.assert(
      fc.property(
        anyValue.filter((value) => !value.split('/').some((part) => part === '.' || part === '..')),
        (value) => {
          const build = (setting: string): HttpRequest => ({
            method: 'POST',
            url: `https://a.example/${setting}/end?q=${setting}&r=1`,
          });
          const url = new URL(opened(build, secret, withValue(value)).url);
          expect([...url.searchParams]).toEqual([
            ['q', value],
            ['r', '1'],
          ]);
          expect(url.pathname.split('/').map(decodeURIComponent)).toEqual(['', ...value.split('/'), 'end']);
          expect([url.host, url.hash]).toEqual(['a.example', '']);
        },
      ),
    );
  });

  it('seed-K21 may be the whole address', () => {
    const url = 'https://hooks.example.com/services/T0/B0/x?y=1';
    expect(opened((setting) => ({ method: 'POST', url: setting }), secret, withValue(url)).url).toBe(url);
  });

  it('seed-K10 is told from every other, also by signs alone', () => {
    const all = Object.keys(values).map((id) => `\${secret:${id}}`);
    const build = (setting: string): HttpRequest => ({ method: 'POST', url: 'https://a.example/', body: setting });
    expect(opened(build, all.join('|')).body).toBe(Object.values(values).join('|'));
  });

  it('seed-K10 stands in each of the places that refer to it', () => {
    const build = (setting: string): HttpRequest => ({
      method: 'POST',
      url: `https://a.example/${setting}?${setting}`,
      body: setting,
    });
    const { url, body } = opened(build, `${secret}${secret}`, withValue('qwertz'));
    expect([url, body]).toEqual(['https://a.example/qwertzqwertz?qwertzqwertz', 'qwertzqwertz']);
  });

  it('is not what a payload says it is', () => {
    const vault = new Vault(new Map(), { stored: storeOf() });
    vault.seal('${secret:ab/c}');
    const body = '${secret:ab/c} ${secret:a-b/c}';
    expect(vault.open({ method: 'POST', url: 'https://a.example/', body }, 'ops').body).toBe(body);
  });
});

describe('who gets it', () => {
  it('seed-K11 is asked for the target, and for the host of the address that comes out', () => {
    const stored = storeOf();
    const build = (setting: string): HttpRequest => ({
      method: 'POST',
      url: `https://A.example:8443/${setting}`,
      headers: { x: setting },
    });
    opened(build, '${secret:ab/c}', stored);
    expect(stored.asked).toEqual(['ops reads ab/c', 'ops reads ab/c', 'a.example gets ab/c']);
  });

  it.each<[string, (setting: string) => HttpRequest]>([
    ['in the address', (setting) => ({ method: 'POST', url: `https://evil.example/${setting}` })],
    ['in a header', (setting) => ({ method: 'POST', url: 'https://evil.example/', headers: { a: setting } })],
    ['in the body', (setting) => ({ method: 'POST', url: 'https://evil.example/', body: setting })],
  ])('seed-K11 is refused to another host %s', (_, build) => {
    expect(() => opened(build, '${secret:ab/c}')).toThrow('ab/c is not for evil.example');
  });

  it('seed-K11 is refused where the host is itself a secret', () => {
    const stored = storeOf({ 'the/host': 'https://evil.example' });
    expect(() =>
      opened((setting) => ({ method: 'GET', url: setting }), '${secret:the/host}/${secret:ab/c}', stored),
    ).toThrow('the/host is not for evil.example');
  });

  it('is asked for what is made of it, such as a signature', () => {
    const stored = storeOf();
    const vault = new Vault(new Map([['${env:A}', 'plain']]), { stored });
    const to = (url: string) => vault.reveal('${env:A} ${secret:ab/c}', { target: 'ops', url });
    expect(to('https://a.example/')).toBe('plain value of ab/c');
    expect(() => to('https://evil.example/')).toThrow('ab/c is not for evil.example');
  });
});

describe('what people see of it', () => {
  it('seed-K12 is the reference, before and after it was replaced', () => {
    let known: [string, string][] = [['${secret:ab/c}', 'the-old-value']];
    const changing = { version: 1 };
    const vault = new Vault(new Map([['${env:A}', 'value-of-env']]), {
      stored: {
        ...storeOf(),
        known: () => known,
        get version() {
          return changing.version;
        },
      },
    });
    expect(vault.mask('the-old-value value-of-env')).toBe('${secret:ab/c} ${env:A}');
    known = [['${secret:ab/c}', 'the-new-value'], ...known];
    changing.version += 1;
    expect(vault.mask('the-old-value the-new-value')).toBe('${secret:ab/c} ${secret:ab/c}');
  });

  it('seed-K12 has nothing put in for an empty value', () => {
    const vault = new Vault(new Map([['${env:A}', '']]), { stored: storeOf({ 'x/y': '' }) });
    expect(vault.mask('untouched')).toBe('untouched');
  });

  it('seed-K21 is an address with the reference in it', () => {
    const vault = new Vault(new Map(), { stored: storeOf() });
    const url = `https://a.example/${vault.seal('${secret:ab/c}')}`;
    expect(vault.show({ method: 'POST', url })).toEqual({ method: 'POST', url: 'https://a.example/${secret:ab/c}' });
  });
});
