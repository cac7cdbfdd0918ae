import { digestTemplates, type Medium, type MediumName, mediumNames, mediumOf, renderNotification } from '@tocsin/core';
import type { Due } from '@tocsin/engine';
import { describe, expect, test } from 'vitest';
import { digestInput, titleItems, toldIn } from '../src/deliver/digest.ts';

const noon = Date.UTC(2026, 2, 1, 12);
const url = 'https://alerts.example.com';

/** One of many groups that are due. */
function one(number: number, more: { severity?: string; telling?: string } = {}): Due['others'][number] {
  const { severity = 'warning', telling = 'firing' } = more;
  const lead = {
    fingerprint: `f${number}`,
    status: 'firing',
    severity,
    labels: {},
    startedAt: noon,
    resolvedAt: null,
    data: '{}',
  };
  return {
    delivery: {
      group: `g${number}`,
      subscription: 'chat',
      mode: 'latest',
      wording: null,
      fence: 1,
      address: null,
      toldAt: null,
    },
    group: {
      id: `g${number}`,
      source: 'prod',
      key: `key ${number}`,
      severity,
      status: telling,
      startedAt: noon + number,
      resolvedAt: null,
    },
    event: { number: 1, kind: telling, at: noon, actor: null, comment: null, incarnation: 1, after: {} },
    since: [],
    telling,
    lead,
    members: [lead],
  } as unknown as Due['others'][number]; // as much of it as is looked at here
}

function due(others: Due['others']): Due {
  return { ...one(0), others, durable: Promise.resolve() };
}

const many = due([
  one(1, { telling: 'resolved' }),
  one(2, { severity: 'critical' }),
  ...Array.from({ length: 38 }, (_, index) => one(index + 3)),
]);

function render(medium: MediumName) {
  const told = toldIn(many);
  const titles = titleItems(told, url).map(({ input }) => `<!channel> *Disk* of ${input.group.key}`);
  const { alerts, ...input } = digestInput(many, told, titles, url);
  const unpacked = alerts.map((alert) => ({ ...alert, data: JSON.parse(alert.data) }));
  const notification = { ...input, alerts: unpacked, alert: unpacked[0] as (typeof unpacked)[number] };
  return renderNotification(notification, digestTemplates, { medium, limits: {} }, { now: noon });
}

describe('One message about many groups', () => {
  test('names the worst first, what is over last, and counts the rest', () => {
    const { headline, title, message } = render('text');
    expect(headline).toBe('41 alert groups at once · critical');
    expect(title).toBe('41 groups of alerts: 40 fire, 1 are over');
    const lines = message.split('\n').filter((line) => line.startsWith('- ') || line.startsWith('• '));
    expect(lines).toHaveLength(15);
    expect(lines[0]).toContain('Firing, critical: <!channel> *Disk* of key 2');
    expect(lines[0]).toContain(`${url}/g/g2`);
    expect(message).toContain('And 26 more.');
  });

  test.each(mediumNames)('says no more than text in %s', (name) => {
    const { title, message, link } = render(name);
    expect(message).toContain('Disk');
    expect(link).toBeUndefined();
    if (name === 'slack') expect(`${title} ${message}`).not.toMatch(/<!channel>|(?<!\\u200b)\*Disk\*/);
    const medium: Medium = mediumOf(name);
    expect(medium.length(title)).toBeLessThan(200);
  });

  test('leads to the list, and is of the first of them', () => {
    const told = toldIn(many);
    const input = digestInput(many, told, [], url);
    expect(input).toMatchObject({
      id: 'digest-g0-chat-1-1',
      digest: 41,
      group: { url: `${url}/`, firing: 40, members: 41, severity: 'critical', startedAt: noon },
    });
  });

  test('is over where all of them are', () => {
    const ended = due([one(1, { telling: 'resolved' })]);
    const all = { ...ended, ...one(0, { telling: 'resolved' }), others: ended.others };
    expect(digestInput(all, toldIn(all), ['a', 'b'], url)).toMatchObject({
      group: { status: 'resolved', firing: 0 },
      event: { kind: 'resolved' },
    });
  });
});
