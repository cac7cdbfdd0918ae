import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressOf, isAllowed, parseAddress } from '../src/address.ts';
import { parseMatchers } from '../src/matcher-parser.ts';
import { compileRoutes } from '../src/routing.ts';

const channel = { parts: parseAddress('#team-{{labels.team}}') ?? [], else: '#noc', allowed: ['#team-*', '#noc'] };

describe('An address from labels', () => {
  test('has what they say where that is allowed, and the other one where not', () => {
    expect(addressOf(channel, { team: 'storage' })).toBe('#team-storage');
    expect(addressOf(channel, {})).toBe('#noc');
    expect(addressOf(channel, { team: '' })).toBe('#noc');
    expect(addressOf({ ...channel, allowed: ['#team-db', '#noc'] }, { team: 'storage' })).toBe('#noc');
    expect(addressOf(channel, { team: 'a\r\nbcc: x' })).toBe('#noc');
    expect(addressOf(channel, { team: 'x'.repeat(300) })).toBe('#noc');
  });

  test('names labels of any name', () => {
    expect(parseAddress('{{ labels.[team name] }}@{{labels.site}}.example.com')).toEqual([
      { label: 'team name' },
      '@',
      { label: 'site' },
      '.example.com',
    ]);
    expect(parseAddress('+49 30 1234')).toEqual(['+49 30 1234']);
  });

  test.each(['{{team}}', '{{labels.a b}}', '{{#if labels.a}}x{{/if}}', 'x {{', '{{labels.constructor.name}}'])(
    'is no template of another kind: %s',
    (text) => {
      expect(parseAddress(text)).toBeUndefined();
    },
  );

  test('never reads what an object has besides labels', () => {
    const parts = parseAddress('#team-{{labels.constructor}}') ?? [];
    expect(addressOf({ ...channel, parts }, {})).toBe('#noc');
  });

  test('makes a subscription for each address that comes out', () => {
    const router = compileRoutes([{ match: parseMatchers(''), to: [{ target: 'chat', address: channel }] }]);
    expect(router.match({ team: 'db' })).toMatchObject([{ target: 'chat', address: '#team-db' }]);
    expect(router.match({})).toMatchObject([{ target: 'chat', address: '#noc' }]);
    expect(router.explain({ team: 'db' })[0]?.subscriptions).toMatchObject([{ address: '#team-db' }]);
  });

  test('is one subscription with the same address written out', () => {
    const router = compileRoutes([
      {
        match: [],
        to: [
          { target: 'chat', address: channel, events: ['firing'] },
          { target: 'chat', address: '#noc' },
        ],
      },
    ]);
    expect(router.match({})).toHaveLength(1);
    expect(router.match({ team: 'db' })).toHaveLength(2);
  });
});

describe('Allowed addresses', () => {
  test.each([
    ['#noc', '#noc', true],
    ['#noc', '#noc2', false],
    ['*', 'anything', true],
    ['*@example.com', 'ann@example.com', true],
    ['*@example.com', 'ann@example.com.evil.org', false],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'acb', false],
    ['ab*ba', 'aba', false],
    ['+49*', '+4930', true],
    ['.*', 'xx', false],
  ])('%s allows %s: %s', (pattern, address, expected) => {
    expect(isAllowed(address, [pattern])).toBe(expected);
  });

  test('mean by `*` what a shell means', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 });
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 6 });
    fc.assert(
      fc.property(text, pattern, (address, allowed) => {
        const model = new RegExp(`^${allowed.replaceAll('*', '.*')}$`).test(address) && address !== '';
        expect(isAllowed(address, [allowed])).toBe(model);
      }),
      { numRuns: 2_000 },
    );
  });
});
