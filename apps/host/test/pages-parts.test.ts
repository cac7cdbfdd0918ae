import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanedHowto, escapeHtml, Html, html, linkTarget } from '../src/pages/html.ts';
import { absolute, moment, nextMorning, relative, until } from '../src/pages/moment.ts';
import { groupName, sharedLabels } from '../src/pages/parts.ts';
import { elementsOf } from './pages-structure.ts';

describe('html', () => {
  it('never lets a text be more than text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.constantFrom('<b>', '"', "'", '</p>', '<!--', '&lt;'),
        (text, hostile) => {
          const value = `${text}${hostile}${text}`;
          const elements = elementsOf(html`<p title="${value}">${value}</p>`.toString());
          expect(elements).toEqual([{ tag: 'p', attributes: { title: value }, text: value, inside: [] }]);
        },
      ),
    );
  });

  it('takes markup, lists and nothing', () => {
    const item = html`<li>${'<'}</li>`;
    expect(html`<ul>${[item, item]}${null}${undefined}${false}${0}${''}</ul>`.toString()).toBe(
      '<ul><li>&lt;</li><li>&lt;</li>0</ul>',
    );
  });

  it('has no other way in', () => {
    expect(() => new Html(Symbol('html') as never, '<b>')).toThrow('write markup with html');
    expect(html`${{ toString: () => '<b>' } as never}`.toString()).not.toContain('<b>');
    const values = { url: 'https://alerts.example.com/in/prod', key: 'k' };
    expect(cleanedHowto('<script>1</script><p>a', values).toString()).toBe('<p>a</p>');
    expect(escapeHtml(`<>&"'`)).toBe('&lt;&gt;&amp;&quot;&#39;');
  });

  it.each([
    ['https://x.example/a b', 'https://x.example/a%20b'],
    ['HTTP://X.example', 'http://x.example/'],
    ['mailto:a@b.example', 'mailto:a@b.example'],
    ['javascript:alert(1)', undefined],
    ['java\nscript:alert(1)', undefined],
    ['https:/x', undefined],
    ['//x.example', undefined],
    ['ftp://x.example', undefined],
    ['', undefined],
  ])('links %s as %s', (address, target) => {
    expect(linkTarget(address)).toBe(target);
  });
});

const noon = Date.parse('2026-03-01T11:00:00.000Z');
const clock = { now: noon, zone: 'Europe/Berlin' };

describe('times', () => {
  it.each([
    [0, 'just now'],
    [-59_000, 'just now'],
    [-60_000, '1 minute ago'],
    [-59 * 60_000, '59 minutes ago'],
    [-3_600_000, '1 hour ago'],
    [-47 * 3_600_000, '47 hours ago'],
    [-48 * 3_600_000, '2 days ago'],
    [30_000, 'in less than a minute'],
    [5_400_000, 'in 2 hours'],
  ])('%d ms away is %s', (offset, words) => {
    expect(relative(noon + offset, clock)).toBe(words);
  });

  it('says both, for people and for machines', () => {
    expect(moment(noon - 180_000, clock).toString()).toBe(
      '<time datetime="2026-03-01T10:57:00.000Z">1 Mar 2026, 11:57 CET</time> <span class="ago">(3 minutes ago)</span>',
    );
    expect(absolute(noon, { now: noon, zone: 'UTC' })).toBe('1 Mar 2026, 11:00 UTC');
    expect(until(Number.MAX_SAFE_INTEGER, clock).toString()).toBe('until someone ends it');
  });

  it('is right where the clocks change between midnight and nine by UTC', () => {
    const { time } = nextMorning({ now: Date.parse('2026-03-08T04:00:00Z'), zone: 'America/Los_Angeles' });
    expect(new Date(time).toISOString()).toBe('2026-03-08T16:00:00.000Z');
  });

  it.each([
    ['2026-03-01T11:00:00Z', '2026-03-02T08:00:00.000Z', '09:00 tomorrow'],
    ['2026-03-01T01:00:00Z', '2026-03-01T08:00:00.000Z', '09:00 today'],
    ['2026-03-01T04:00:01Z', '2026-03-02T08:00:00.000Z', '09:00 tomorrow'],
    // The clocks go on at 2:00, and back.
    ['2026-03-28T20:00:00Z', '2026-03-29T07:00:00.000Z', '09:00 tomorrow'],
    ['2026-10-24T20:00:00Z', '2026-10-25T08:00:00.000Z', '09:00 tomorrow'],
    ['2026-12-31T20:00:00Z', '2027-01-01T08:00:00.000Z', '09:00 tomorrow'],
  ])('the morning after %s is %s', (now, time, name) => {
    const morning = nextMorning({ now: Date.parse(now), zone: 'Europe/Berlin' });
    expect([new Date(morning.time).toISOString(), morning.name]).toEqual([time, name]);
  });

  it('is nine o’clock in every zone on every day, four to thirty hours away', () => {
    const zones = [
      'UTC',
      'America/New_York',
      'Asia/Kathmandu',
      'Australia/Lord_Howe',
      'Pacific/Apia',
      'America/Sao_Paulo',
    ];
    fc.assert(
      fc.property(
        fc.integer({ min: 1_500_000_000, max: 2_000_000_000 }),
        fc.constantFrom(...zones),
        (seconds, zone) => {
          const now = seconds * 1000;
          const { time } = nextMorning({ now, zone });
          expect(absolute(time, { now, zone })).toContain(', 09:00');
          expect((time - now) / 3_600_000).toBeGreaterThanOrEqual(4);
          expect((time - now) / 3_600_000).toBeLessThan(30);
        },
      ),
    );
  });
});

describe('names', () => {
  it.each([
    [{ labels: { alertname: 'DiskFull', name: 'x' }, key: 'k' }, 'DiskFull'],
    [{ labels: { title: 'Backup failed' }, key: 'k' }, 'Backup failed'],
    [{ labels: { alertname: ' ' }, key: 'plain key' }, 'plain key'],
    [{ labels: {}, key: '{"job":"backup","n":[1]}' }, 'job=backup n=[1]'],
    [{ labels: {}, key: '{}' }, '{}'],
    [{ labels: {}, key: '{not json' }, '{not json'],
  ])('%j is called %s', (group, name) => {
    expect(groupName(group).name).toBe(name);
  });

  it('finds what alerts have in common', () => {
    expect(sharedLabels([{ a: '1', b: '2' }, { a: '1', b: '3' }, { a: '1' }])).toEqual({ a: '1' });
    expect(sharedLabels([])).toEqual({});
  });
});
