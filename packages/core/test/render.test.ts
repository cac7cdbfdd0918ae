import {
  impossibleHeaders,
  longestHeadline,
  type MediumName,
  media,
  mediumOf,
  type NotificationInput,
  parseTemplate,
  renderNotification,
  type SourceTemplates,
  standardNotifications,
  standardNow,
  standardTemplates,
  type TargetLimits,
  type TocsinError,
} from '@tocsin/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyCharacter } from './media-samples.ts';

const mediumNames = Object.keys(media) as (keyof typeof media)[];

function templates(fields: { title?: string; message?: string; link?: string; image?: string }): SourceTemplates {
  const parse = (field: string, source = '') => parseTemplate(source, { file: `templates/${field}.hbs` });
  return {
    title: parse('title', fields.title ?? 'A title'),
    message: parse('message', fields.message),
    link: parse('link', fields.link),
    ...(fields.image === undefined ? {} : { image: parse('image', fields.image) }),
    overrides: {},
  };
}

function render(
  given: SourceTemplates,
  {
    input = standardNotifications.firing as NotificationInput,
    medium = 'text' as MediumName,
    limits = {} as TargetLimits,
  } = {},
) {
  const problems: TocsinError[] = [];
  const missing: string[] = [];
  const notification = renderNotification(
    input,
    given,
    { medium, limits },
    { now: standardNow, onProblem: (problem) => problems.push(problem), onMissing: (path) => missing.push(path) },
  );
  return { ...notification, problems, missing };
}

function withAlert(changes: Partial<NotificationInput['alert']>): NotificationInput {
  const alert = { ...standardNotifications.firing.alert, ...changes };
  return { ...standardNotifications.firing, alert, alerts: [alert] };
}

/** A template that overruns its budget. */
const endless =
  '{{#each group.alerts}}{{#each ../group.alerts}}{{#each ../../group.alerts}}{{json ../../../group}}{{/each}}{{/each}}{{/each}}';
const crowded: NotificationInput = {
  ...standardNotifications.firing,
  alerts: Array.from({ length: 10 }, () => ({ ...standardNotifications.firing.alert, data: 'x'.repeat(5000) })),
};

describe('what templates see', () => {
  test('is alert, payload, group with its alerts, event and since', () => {
    const message = [
      '{{alert.labels.host}} {{alert.severity}} {{alert.status}} {{alert.fingerprint}} {{alert.startedAt}}',
      '{{payload.description}}',
      '{{group.status}} {{group.firing}}/{{group.members}} {{group.key}} {{group.source}}',
      '{{#each group.alerts}}{{labels.host}}={{payload.summary}} {{/each}}',
      '{{event.kind}} {{event.number}} {{#each since}}[{{kind}}]{{/each}}',
    ].join('\n\n');
    const { message: shown, missing } = render(templates({ message }), { input: standardNotifications.updated });
    expect(shown.split('\n\n')).toEqual([
      `db-1 critical firing disk:db-1 ${standardNow - 7 * 60_000}`,
      'At the present rate it is full in 40 minutes.\nOld log files are the usual cause.',
      'firing 2/3 {"alertname":"DiskFull"} prod',
      'db-1=/var on db-1 is 97 % full db-2=/var on db-2 is 91 % full db-3=/var on db-3 is 88 % full',
      'updated 3 [updated]',
    ]);
    expect(missing).toEqual([]);
  });

  test.each([
    [{ host: 'db-1', instance: '10.0.0.1:9100' }, 'db-1'],
    [{ instance: '10.0.0.1:9100', job: 'node' }, '10.0.0.1'],
    [{ instance: 'https://shop.example.com:8443/health?x=1' }, 'shop.example.com'],
    [{ pod: 'api-7', instance: '10.0.0.1:9100', namespace: 'shop' }, 'api-7'],
    [{ 'Host Name': ' web-1 ', host: ' ' }, 'web-1'],
    [{ queue_name: 'orders', cluster: 'eu' }, 'orders'],
    [{ alertname: 'Watchdog' }, ''],
  ])('has what it is about, of %j', (labels, object) => {
    const given = templates({ title: '[{{alert.object}}]', message: '{{#each group.alerts}}[{{object}}]{{/each}}' });
    const { title, message, missing } = render(given, { input: withAlert({ labels }) });
    expect([title, message, missing]).toEqual([`[${object}]`, `[${object}]`, []]);
  });

  test('is nothing else: a payload has one name', () => {
    const { message, missing } = render(templates({ message: '{{alert.data}}{{id}}{{test}}{{alerts}}' }));
    expect(message).toBe('');
    expect(missing).toEqual(['alert.data', 'id', 'test', 'alerts']);
  });

  test("a medium's own template comes before the general one", () => {
    const own = { title: parseTemplate('own', { file: 'title.slack.hbs' }) };
    const given = { ...templates({ title: 'general', message: 'm' }), overrides: { slack: own } };
    expect(render(given, { medium: 'slack' })).toMatchObject({ title: 'own', message: 'm' });
    expect(render(given, { medium: 'text' })).toMatchObject({ title: 'general' });
  });
});

describe('a title', () => {
  test('is one line', () => {
    expect(render(templates({ title: '\n  {{payload.description}}\n\n' })).title).toBe(
      'At the present rate it is full in 40 minutes. Old log files are the usual cause.',
    );
  });

  test.each([
    [{ summary: 'A summary', alertname: 'DiskFull' }, 'A summary'],
    [{ alertname: 'DiskFull', host: 'db-1' }, 'DiskFull'],
    [{ summary: '  ', name: 'disk' }, 'disk'],
    [{ host: 'db-1' }, '{"alertname":"DiskFull"}'],
    [{}, '{"alertname":"DiskFull"}'],
  ])('that comes out empty is made from the labels %j, or the key', (labels, title) => {
    const { problems, ...shown } = render(templates({ title: ' {{payload.nothing}} ' }), {
      input: withAlert({ labels }),
    });
    expect(shown.title).toBe(title);
    expect(problems).toEqual([]);
  });
});

describe('a render that fails', () => {
  test('is reported, and a safe default is shown', () => {
    const { title, message, link, problems } = render(templates({ title: endless, message: endless, link: endless }), {
      input: crowded,
    });
    expect(title).toBe('DiskFull');
    expect(message).toBe('- alertname: DiskFull\n- host: db-1\n- mount: /var\n- severity: critical');
    expect(link).toBeUndefined();
    expect(problems.map(({ code, faults }) => [code, faults[0]?.file])).toEqual([
      ['budget', 'templates/title.hbs'],
      ['budget', 'templates/message.hbs'],
      ['budget', 'templates/link.hbs'],
    ]);
  });

  test('is told with its file even where something unexpected was thrown', () => {
    const broken = {
      ...templates({}),
      title: {
        ...parseTemplate('x', { file: 'templates/title.hbs' }),
        render: () => {
          throw new RangeError('odd');
        },
      },
    };
    const { title, problems } = render(broken);
    expect(title).toBe('DiskFull');
    expect(problems[0]).toMatchObject({ code: 'template', message: expect.stringContaining('templates/title.hbs') });
  });

  test('shows labels as text, and not more than people read', () => {
    const labels = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`l${index}`, '<!here>\nnext *b*']));
    const { message } = render(templates({ message: endless }), {
      input: { ...crowded, ...withAlert({ labels }), alerts: crowded.alerts },
      medium: 'slack',
    });
    expect(message.split('\n')[0]).toBe('• l0: &lt;!here&gt;');
    expect(message).toContain('l19');
    expect(message).not.toContain('l20');
    expect(message).not.toMatch(/<!|\*b\*/);
  });
});

describe('a link', () => {
  test.each([
    ['https://example.com/a b?c=<d>', 'https://example.com/a%20b?c=%3Cd%3E'],
    ['  http://example.com\n', 'http://example.com/'],
    ['HTTPS://EXAMPLE.com', 'https://example.com/'],
  ])('%j is normalised', (link, shown) => {
    expect(render(templates({ link, image: link }))).toMatchObject({ link: shown, image: shown });
  });

  test.each([
    ['javascript:alert(1)'],
    ['data:text/html,x'],
    ['file:///etc/passwd'],
    ['mailto:ann@example.com'],
    ['/relative'],
    ['?orgId=1'],
    ['example.com'],
    ['https://bank.example@evil.example/'],
    [`https://example.com/${'a'.repeat(2000)}`],
    [''],
  ])('%.40j is not shown', (link) => {
    const { problems, ...shown } = render(templates({ link, image: link }));
    expect([shown.link, shown.image, problems]).toEqual([undefined, undefined, []]);
  });
});

describe('the headline', () => {
  const { firing, acknowledged, silenced, resolved, updated } = standardNotifications;
  const change = (
    input: NotificationInput,
    event: Partial<NotificationInput['event']>,
    group = {},
  ): NotificationInput => ({
    ...input,
    event: { ...input.event, ...event },
    since: [{ ...input.event, ...event }],
    group: { ...input.group, ...group },
  });

  test.each<[string, NotificationInput]>([
    ['Firing · critical', firing],
    ['Firing', change(firing, {}, { severity: 'unknown' })],
    ['Firing · warning · 3 alerts', change(firing, {}, { severity: 'warning', firing: 3, members: 3 })],
    ['Re-opened · critical', change(firing, {}, { incarnation: 2 })],
    ['Update · critical · 2 of 3 firing', updated],
    ['Update · critical · 2 of 3 firing · acknowledged', change(updated, {}, { status: 'acknowledged' })],
    ['Acknowledged by ann · critical', acknowledged],
    ['Acknowledged · critical', change(acknowledged, { actor: undefined })],
    ['No longer acknowledged · critical', change(firing, { kind: 'unacknowledged' })],
    ['Acknowledgement withdrawn by bob · critical', change(firing, { kind: 'unacknowledged', actor: 'bob' })],
    ['Silenced by ann · critical · until 2026-01-15 11:30 UTC', silenced],
    ['Silenced by ann · critical', change(silenced, { until: Number.MAX_SAFE_INTEGER })],
    ['Silence ended · critical', change(firing, { kind: 'unsilenced' })],
    ['Resolved · was critical', resolved],
    ['Resolved by ann · was critical', change(resolved, { actor: 'ann' })],
    ['Closed · no news for 12 h · was critical', change(resolved, { actor: 'timeout', comment: 'no news for 12 h' })],
    ['Closed · no news · was critical', change(resolved, { actor: 'timeout' })],
    ['Notice · critical', change(firing, { kind: 'notice' })],
    ['Test · Firing · critical', { ...firing, test: true }],
    [
      'Silenced by a-name-that… · critical · until 2026-01-15 11:30 UTC',
      change(silenced, { actor: 'a-name-that-is-longer-than-that' }),
    ],
    [
      'Acknowledged by a-name-that-is-longer-t… · critical',
      change(acknowledged, { actor: 'a-name-that-is-longer-than-that' }),
    ],
  ])('%s', (headline, input) => {
    expect(render(templates({}), { input }).headline).toBe(headline);
  });

  test('of a first notice tells of the firing, whatever joined since', () => {
    const since = [{ number: 1, kind: 'firing' as const, at: standardNow }, updated.event];
    expect(render(templates({}), { input: { ...updated, since } }).headline).toBe('Firing · critical · 2 alerts');
  });

  test.each(mediumNames)('is escaped for %s and never longer than it may be', (medium) => {
    const { headline } = render(templates({}), {
      input: change(acknowledged, { actor: '<!channel>*&_~`' }),
      medium,
    });
    expect(mediumOf(medium).length(headline)).toBeLessThanOrEqual(longestHeadline);
    if (medium === 'slack') expect(headline).not.toMatch(/<|\*/);
    if (medium === 'html') expect(headline).not.toContain('<');
  });
});

describe('a comment', () => {
  test('is shown on one line, escaped', () => {
    const event = { ...standardNotifications.acknowledged.event, comment: 'on it\n<!here>' };
    const { comment } = render(templates({}), {
      input: { ...standardNotifications.acknowledged, event },
      medium: 'slack',
    });
    expect(comment).toBe('on it &lt;!here&gt;');
  });

  test('of a reminder says that it goes on, and of what is told again that it is', () => {
    const { firing } = standardNotifications;
    expect(render(templates({}), { input: { ...firing, since: [], reminder: true } }).headline).toBe(
      'Still firing · critical',
    );
    expect(render(templates({}), { input: { ...firing, replayed: true } }).headline).toBe('Replayed · Firing');
    const event = { ...firing.event, kind: 'unacknowledged', actor: 'x'.repeat(99) } as const;
    expect(render(templates({}), { input: { ...firing, event, replayed: true } }).headline.length).toBe(
      longestHeadline,
    );
  });

  test('that the hub made itself stands in the headline alone', () => {
    const event = { ...standardNotifications.resolved.event, actor: 'timeout', comment: 'no news for 12 h' };
    expect(render(templates({}), { input: { ...standardNotifications.resolved, event } }).comment).toBeUndefined();
  });
});

describe('the id', () => {
  const idOf = (id: string) =>
    renderNotification(
      { ...standardNotifications.firing, id },
      standardTemplates,
      { medium: 'text', limits: {} },
      { now: standardNow },
    ).id;

  test('of a group that is told to a target is left as it is', () => {
    expect(idOf('g-1f3a-ops-1')).toBe('g-1f3a-ops-1');
  });

  test('holds nothing that a header can’t, whatever the identities that it is made of', () => {
    const seen = new Map<string, string>();
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: anyCharacter }), fc.string({ unit: fc.constantFrom(...'a1-_.~%2\r\n\0é') })),
        (id) => {
          const plain = idOf(id);
          expect(plain).toMatch(/^[\w%-]*$/);
          expect(seen.get(plain) ?? id).toBe(id);
          seen.set(plain, id);
        },
      ),
    );
  });
});

test.each([
  ['x-title', 'a\r\nx-evil: b'],
  ['x-title', 'a\u0000'],
  ['x-title', 'Disk → full'],
  ['x\r\ny', 'a'],
  ['', 'a'],
])('a request with the header %j: %j is impossible', (name, value) => {
  const request = { method: 'GET', url: 'https://example.com/', headers: { accept: '*/*\té', [name]: value } } as const;
  expect(impossibleHeaders(request)).toEqual([name]);
});

test('texts fit the limits in every medium, whatever the payload says', () => {
  const unit = fc.constantFrom('a', '&', '<', '*', '_', '`', '\n', ' ', '👩‍👩‍👧‍👦', '\u0000', '\ud800', ']', '(', 'ß');
  fc.assert(
    fc.property(
      fc.string({ unit, maxLength: 400 }),
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 1, max: 300 }),
      fc.constantFrom(...mediumNames),
      (text, title, message, medium) => {
        const given = templates({ title: '{{payload}}', message: '- **{{payload}}**\n\n`{{payload}}` {{payload}}' });
        const shown = render(given, { input: withAlert({ data: text }), medium, limits: { title, message } });
        const { length } = mediumOf(medium);
        expect(length(shown.title)).toBeLessThanOrEqual(title);
        expect(length(shown.message)).toBeLessThanOrEqual(message);
        expect(shown.title).not.toMatch(/[\r\n]/);
        expect(shown.title + shown.message).not.toMatch(/\0/);
        expect((shown.title + shown.message).isWellFormed()).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});

test.each(Object.entries(standardNotifications))(
  'rendering %s leaves it as it was, and comes out the same again',
  (_, input) => {
    const before = JSON.stringify(input);
    const [first, second] = [
      render(standardTemplates, { input, medium: 'slack' }),
      render(standardTemplates, { input, medium: 'slack' }),
    ];
    expect(first).toEqual(second);
    expect(JSON.stringify(input)).toBe(before);
    expect(first.problems).toEqual([]);
  },
);
