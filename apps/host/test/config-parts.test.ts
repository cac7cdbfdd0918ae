import { durationPattern, nearest, toMilliseconds } from '@tocsin/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEgressRule } from '../src/config/egress-rule.ts';
import { quote } from '../src/config/finding.ts';
import { entriesFor, packageName, readEntry } from '../src/config/integration-entry.ts';
import { parseListen, urlOf } from '../src/config/listen.ts';
import { formatPath, valueAt, withValueAt } from '../src/config/path.ts';
import { mapReferences, parseReferences, replaceReferences, resolveSecrets } from '../src/config/reference.ts';

describe('durations', () => {
  it.each([
    ['0s', 0],
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['3d', 259_200_000],
    ['1w2d3h4m5s6ms', 788_645_006],
  ])('%s', (text, milliseconds) => {
    expect(durationPattern.test(text)).toBe(true);
    expect(toMilliseconds(text)).toBe(milliseconds);
  });

  it.each(['', '5', 's', '30 s', '1.5h', '-5m', '30m1h', '5m5m', '5M', '1y', '9999999999s', '5m\n'])(
    'not %j',
    (text) => {
      expect(durationPattern.test(text)).toBe(false);
    },
  );
});

describe('listen', () => {
  it.each([
    ['127.0.0.1:8080', { host: '127.0.0.1', port: 8080, loopback: true }],
    ['127.9.9.9:0', { host: '127.9.9.9', port: 0, loopback: true }],
    ['localhost:65535', { host: 'localhost', port: 65535, loopback: true }],
    ['[::1]:80', { host: '::1', port: 80, loopback: true }],
    ['0.0.0.0:80', { host: '0.0.0.0', port: 80, loopback: false }],
    ['[::]:80', { host: '::', port: 80, loopback: false }],
    ['127.0.0.1.example.com:80', { host: '127.0.0.1.example.com', port: 80, loopback: false }],
  ])('%s', (text, listen) => {
    expect(parseListen(text)).toEqual(listen);
  });

  it.each([
    '',
    '8080',
    ':8080',
    '127.0.0.1',
    '::1:80',
    '[127.0.0.1]:80',
    '1.2.3:80',
    'a b:80',
    'host:65536',
    'host:-1',
  ])('not %j', (text) => {
    expect(parseListen(text)).toBeUndefined();
  });

  it('makes a url that a browser can open', () => {
    expect(urlOf({ host: '0.0.0.0', port: 0, loopback: false }, 81)).toBe('http://127.0.0.1:81');
    expect(urlOf({ host: '::', port: 0, loopback: false }, 81)).toBe('http://[::1]:81');
    expect(urlOf({ host: 'hub.example.com', port: 0, loopback: false }, 81)).toBe('http://hub.example.com:81');
  });
});

describe('egress rules', () => {
  it.each([
    ['10.0.0.0/8', { kind: 'range', range: '10.0.0.0/8' }],
    ['192.0.2.7', { kind: 'range', range: '192.0.2.7/32' }],
    ['0.0.0.0/0', { kind: 'range', range: '0.0.0.0/0' }],
    ['FD00:0::/8', { kind: 'range', range: 'fd00::/8' }],
    ['::1', { kind: 'range', range: '::1/128' }],
    ['Mail.Example.com.', { kind: 'host', host: 'mail.example.com' }],
    ['_sip.example.com', { kind: 'host', host: '_sip.example.com' }],
  ])('%s', (text, rule) => {
    expect(parseEgressRule(text)).toEqual(rule);
  });

  it.each([
    '',
    '/8',
    '10.0.0.1/8',
    '10.0.0.0/33',
    '10.0.0.0/8/8',
    '10.0.0.0/',
    '10.0.0.0/08x',
    'fd00::/129',
    'fe80::1%eth0',
    '2130706433',
    '127.1',
    '0x7f.0.0.1',
    '*.example.com',
    'https://example.com',
    'example.com/path',
    'a..b',
    '-a.example.com',
    'a b',
    `${'a'.repeat(64)}.com`,
  ])('not %j', (text) => {
    expect(parseEgressRule(text)).toHaveProperty('fault');
  });
});

describe('integrations', () => {
  const names = [
    '@tocsin/source-webhook',
    '@tocsin/target-webhook',
    'tocsin-source-acme',
    './integrations/acme/',
    '../own/boiler',
  ];
  const entries = names.map(readEntry);

  it('go by the id that the kind and the prefix leave', () => {
    expect(entries.map(({ id, kind }) => [id, kind])).toEqual([
      ['webhook', 'source'],
      ['webhook', 'target'],
      ['acme', 'source'],
      ['acme', undefined],
      ['boiler', undefined],
    ]);
  });

  it('are found by id and kind, or by their whole name', () => {
    const found = (use: string, kind: 'source' | 'target') => entriesFor(use, kind, entries).map(({ name }) => name);
    expect(found('webhook', 'source')).toEqual(['@tocsin/source-webhook']);
    expect(found('webhook', 'target')).toEqual(['@tocsin/target-webhook']);
    expect(found('acme', 'source')).toEqual(['tocsin-source-acme', './integrations/acme/']);
    expect(found('acme', 'target')).toEqual(['./integrations/acme/']);
    expect(found('tocsin-source-acme', 'source')).toEqual(['tocsin-source-acme']);
    expect(found('tocsin-source-acme', 'target')).toEqual([]);
    expect(found('nobody', 'target')).toEqual([]);
  });

  it.each(['@tocsin/source-alertmanager', 'tocsin-target-x', 'a'])('%s is a package', (name) => {
    expect(packageName.test(name)).toBe(true);
  });

  it.each(['', '@tocsin', '@/x', '@tocsin/', 'A', '.hidden', '_x', 'a/b', 'a@1', 'file:x', 'a b', 'a'.repeat(215)])(
    '%j is none',
    (name) => {
      expect(packageName.test(name)).toBe(false);
    },
  );
});

describe('references', () => {
  it.each([
    ['plain $5 $ {x}', ['plain $5 $ {x}']],
    ['${env:A}', [{ kind: 'env', name: 'A', text: '${env:A}' }]],
    ['a${file:/x y}b$${c', ['a', { kind: 'file', name: '/x y', text: '${file:/x y}' }, 'b${c']],
    ['$$${env:A}', ['$${env:A}']],
    ['${A}', [{ kind: '', name: 'A', text: '${A}' }]],
    ['x ${env:A', ['x ', { kind: '', name: 'env:A', text: '${env:A' }]],
    ['', []],
  ])('%j', (text, parts) => {
    expect(parseReferences(text)).toEqual(parts);
  });

  it('any text comes back whole once its own `${` are escaped', () => {
    const piece = fc.oneof(fc.constantFrom('$', '{', '}', '$${', '${env:B}', '${', ':'), fc.string({ maxLength: 3 }));
    const plain = fc.array(piece).map((pieces) => pieces.join(''));
    const escaped = (text: string) => text.replaceAll('${', () => '$${');
    // A `$` right before a reference would be its escape.
    const before = plain.filter((text) => !text.endsWith('$'));
    fc.assert(
      fc.property(before, plain, (left, right) => {
        const reference = { kind: 'env', name: 'A', text: '${env:A}' };
        const parts = parseReferences(`${escaped(left)}\${env:A}${escaped(right)}`);
        expect(parts).toEqual([left, reference, right].filter((part) => part !== ''));
      }),
    );
  });

  it('are not looked for in what is put in', () => {
    expect(replaceReferences('${env:A} ${env:B}', ({ name }) => (name === 'A' ? '${env:B}' : 'b'))).toBe('${env:B} b');
  });

  it('are replaced all through a value, but not in its keys', () => {
    const value = { '${env:A}': ['${env:A}', 1, null, { x: 'a $${ ${env:A}' }] };
    expect(mapReferences(value, () => 'v')).toEqual({ '${env:A}': ['v', 1, null, { x: 'a ${ v' }] });
  });

  it('without a value are an error that names them', () => {
    expect(() => resolveSecrets('x ${env:GONE}', new Map())).toThrow('${env:GONE} has no value');
  });
});

describe('suggestions', () => {
  const known = ['routes', 'sources', 'targets', 'store', 'tokens'];
  it.each([
    ['routs', 'routes'],
    ['Routes', 'routes'],
    ['rouets', 'routes'],
    ['source', 'sources'],
    ['tokns', 'tokens'],
    ['stroe', 'store'],
    ['webhooks', undefined],
    ['x', undefined],
    ['', undefined],
    ['r'.repeat(81), undefined],
  ])('%s → %s', (word, meant) => {
    expect(nearest(word, known)).toBe(meant);
  });
});

describe('paths', () => {
  it('read as in JavaScript', () => {
    expect(formatPath([])).toBe('');
    expect(formatPath(['routes', 0, 'to', 1, 'target'])).toBe('routes[0].to[1].target');
    expect(formatPath(['labels', 'a "b".c', 'x-y'])).toBe('labels["a \\"b\\".c"].x-y');
  });

  it('lead to own values only, and replace without touching the rest', () => {
    const value = { a: [{ b: 1 }, { b: 2 }] };
    expect(valueAt(value, ['a', 1, 'b'])).toBe(2);
    expect(valueAt(value, ['a', 'length'])).toBe(2);
    expect(valueAt(value, ['a', 'map'])).toBeUndefined();
    expect(valueAt(value, ['constructor'])).toBeUndefined();
    expect(withValueAt(value, ['a', 1, 'b'], 3)).toEqual({ a: [{ b: 1 }, { b: 3 }] });
    expect(value.a[1]).toEqual({ b: 2 });
  });
});

describe('a quoted text', () => {
  it('stays on its line, is bounded, and says no password', () => {
    expect(quote('a "b"\nc\u001b[31m')).toBe('`a "b"\\nc\\u001b[31m`');
    expect(quote('x'.repeat(100))).toBe(`\`${'x'.repeat(60)}…\``);
    expect(quote('postgres://tocsin:pass/w@rd@db/x')).toBe('`postgres://…@db/x`');
  });
});
