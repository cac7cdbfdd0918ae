import type { SourceTemplates } from './integration.ts';
import type { NotificationAlert, NotificationEvent, NotificationGroup, NotificationInput } from './notification.ts';
import { parseTemplate } from './template/template.ts';

/** 2026-01-15 09:30 UTC: when the standard notifications are told. */
export const standardNow = Date.UTC(2026, 0, 15, 9, 30);

const minute = 60_000;

const disk: NotificationAlert = {
  fingerprint: 'disk:db-1',
  status: 'firing',
  severity: 'critical',
  labels: { alertname: 'DiskFull', host: 'db-1', mount: '/var', severity: 'critical' },
  startedAt: standardNow - 7 * minute,
  data: {
    summary: '/var on db-1 is 97 % full',
    description: 'At the present rate it is full in 40 minutes.\nOld log files are the usual cause.',
    used: 0.97,
    runbook: 'https://runbooks.example.com/disk?full=yes&host=db-1',
    url: 'https://monitoring.example.com/alerts?name=DiskFull&host=db-1',
    image: 'https://monitoring.example.com/charts/disk-db-1.png',
  },
};

const group: NotificationGroup = {
  id: 'g-1f3a',
  source: 'prod',
  key: '{"alertname":"DiskFull"}',
  status: 'firing',
  severity: 'critical',
  startedAt: disk.startedAt,
  firing: 1,
  members: 1,
  incarnation: 1,
  url: 'https://alerts.example.com/g/g-1f3a',
};

const firing: NotificationEvent = { number: 1, kind: 'firing', at: standardNow - 7 * minute };

function notification(
  events: readonly NotificationEvent[],
  changes: { group?: Partial<NotificationGroup>; alerts?: NotificationAlert[] } = {},
): NotificationInput {
  const alerts = changes.alerts ?? [disk];
  const event = events.at(-1) as NotificationEvent;
  const alert = alerts[0] as NotificationAlert;
  return {
    id: `g-1f3a-ops-${event.number}`,
    group: { ...group, ...changes.group },
    event,
    since: [...events],
    alert,
    alerts,
  };
}

/** A member like the disk, on another host. */
function diskOn(host: string, used: number, changes: Partial<NotificationAlert> = {}): NotificationAlert {
  return {
    ...disk,
    fingerprint: `disk:${host}`,
    labels: { ...disk.labels, host },
    data: { summary: `/var on ${host} is ${used} % full`, url: `https://monitoring.example.com/alerts?host=${host}` },
    ...changes,
  };
}

/** Everything that some receiver takes for markup, a mention, a link, a template or a control. */
const hostileText =
  '<!channel> <!here|x> <@U024BE7LH> <#C024BE7LR> @everyone @channel <https://evil.example|Log in> *b* _i_ ~s~ `c` ' +
  '[l](javascript:alert(1)) ![i](https://evil.example/i.png) <b>h</b> <script>alert(1)</script> &lt;!here&gt; ' +
  '{{payload.secret}} ${env:HOME} :fire: \\ \' " | #1 \u0000\u001b[31m\u202egnp.exe\u202c\ud800 end';

const hostile: NotificationAlert = {
  ...disk,
  severity: 'warning',
  labels: { alertname: hostileText, '<!here>': '*value*', '{{name}}': '{{value}}' },
  data: {
    summary: hostileText,
    description: `${hostileText}\n# heading\n> quote\n- item\n\`\`\`\ncode ${hostileText}`,
    url: "https://monitoring.example.com/a|b>c?q=<!channel>&r='x'",
    image: 'file:///etc/passwd',
  },
};

const paragraph =
  'Query 184 of the nightly report holds a lock on the table orders 👩‍👩‍👧‍👦 and 23 <others> wait for it & for each other. ';

/**
 * What every target must be able to tell: its expected requests are rendered from these with `standardTemplates`, at
 * `standardNow`.
 */
export const standardNotifications = {
  firing: notification([firing]),
  resolved: notification([firing, { number: 2, kind: 'resolved', at: standardNow }], {
    group: { status: 'resolved', firing: 0, resolvedAt: standardNow },
    alerts: [{ ...disk, status: 'resolved', resolvedAt: standardNow }],
  }),
  acknowledged: notification(
    [{ number: 2, kind: 'acknowledged', at: standardNow, actor: 'ann', comment: 'I delete old logs.' }],
    { group: { status: 'acknowledged' } },
  ),
  silenced: notification(
    [{ number: 2, kind: 'silenced', at: standardNow, actor: 'ann', until: standardNow + 120 * minute }],
    { group: { status: 'silenced' } },
  ),
  /** Several alerts: one joined, one ended. */
  updated: notification([{ number: 3, kind: 'updated', at: standardNow }], {
    group: { firing: 2, members: 3 },
    alerts: [
      disk,
      diskOn('db-2', 91, { startedAt: standardNow - minute, severity: 'warning' }),
      diskOn('db-3', 88, { status: 'resolved', resolvedAt: standardNow }),
    ],
  }),
  /** The least that a source may say. */
  minimal: notification([{ number: 1, kind: 'firing', at: standardNow }], {
    group: { key: 'backup', severity: 'unknown', startedAt: standardNow },
    alerts: [
      { fingerprint: 'backup', status: 'firing', severity: 'unknown', labels: {}, startedAt: standardNow, data: null },
    ],
  }),
  hostile: {
    ...notification(
      [{ number: 2, kind: 'acknowledged', at: standardNow, actor: '<!here> *ann*', comment: hostileText }],
      { group: { status: 'acknowledged', severity: 'warning', key: hostileText }, alerts: [hostile] },
    ),
    id: 'g-1f3a-ops|#ärger\r\nx-evil: <!here>\u0000-2',
  },
  /** Longer than any limit. */
  long: notification([firing], {
    alerts: [{ ...disk, data: { summary: paragraph.repeat(5), description: paragraph.repeat(60) } }],
  }),
} satisfies Record<string, NotificationInput>;

export type StandardNotification = keyof typeof standardNotifications;

const sources = {
  title: '{{default payload.summary alert.labels.alertname}}',
  message: [
    '{{#unless (eq group.status "resolved")}}{{payload.description}}{{/unless}}',
    '',
    '{{#if (gt (length group.alerts) 1)}}',
    '{{#each group.alerts}}',
    '- {{capitalize status}}: {{payload.summary}}',
    '{{/each}}',
    '{{/if}}',
    '',
    '{{#if payload.used}}Used: **{{percent payload.used}}**{{/if}}',
    '',
    '{{#each (entries alert.labels)}}`{{key}}={{value}}` {{/each}}',
    '',
    '{{#if payload.runbook}}[Runbook]({{payload.runbook}}){{/if}}',
    '',
  ].join('\n'),
  link: '{{payload.url}}',
  image: '{{payload.image}}',
};

/** The texts of the standard notifications' imagined source. */
export const standardTemplates: SourceTemplates = {
  title: parseTemplate(sources.title, { file: 'standard/title.hbs' }),
  message: parseTemplate(sources.message, { file: 'standard/message.hbs' }),
  link: parseTemplate(sources.link, { file: 'standard/link.hbs' }),
  image: parseTemplate(sources.image, { file: 'standard/image.hbs' }),
  overrides: {},
};

const digest = {
  title: '{{payload.title}}',
  message: [
    '{{#each payload.groups}}',
    '- {{state}}: [{{title}}]({{url}}) ({{source}})',
    '{{/each}}',
    '',
    '{{#if payload.more}}And {{payload.more}} more.{{/if}}',
    '',
  ].join('\n'),
};

/** The texts of one message about many groups; see `digestOf`. */
export const digestTemplates: SourceTemplates = {
  title: parseTemplate(digest.title, { file: 'digest/title.hbs' }),
  message: parseTemplate(digest.message, { file: 'digest/message.hbs' }),
  link: parseTemplate('', { file: 'digest/link.hbs' }),
  overrides: {},
};
