import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Alert, normalise, type SourceIntegration, type TemplateText, type z } from '@tocsin/core';
import { loadIntegration } from '@tocsin/core/load';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createIntegration } from '../src/create.ts';
import { compareWording } from '../src/from-source/compare.ts';
import { type ConfiguredSource, readAlerts } from '../src/from-source/configured.ts';

// What an operator has set becomes code: the package decides and says what the source did, of requests it never saw too.

const scratch = mkdtempSync(join(tmpdir(), 'tocsin-from-source-'));
let webhook: SourceIntegration;
beforeAll(async () => {
  mkdirSync(join(scratch, 'node_modules', '@tocsin'), { recursive: true });
  symlinkSync(join(import.meta.dirname, '../../core'), join(scratch, 'node_modules/@tocsin/core'));
  const folder = join(import.meta.dirname, '../../../integrations/sources/webhook');
  webhook = (await loadIntegration(folder)) as SourceIntegration; // it is a source
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

interface Case {
  settings?: Record<string, unknown>;
  severity?: ConfiguredSource['severity'];
  labels?: Record<string, string>;
  templates?: Record<string, string>;
  /** The stored requests. */
  bodies: unknown[];
  /** Others that the package must take as the source does. */
  others?: unknown[];
}

const down = { state: 'DOWN', host: 'web-1', title: 'Shop is slow', text: 'It takes 3 s.', impact: 'high' };
const up = { ...down, state: 'UP', text: 'It takes 0.1 s.' };

/** At least one for each setting, by its name. */
const bySetting: Record<string, Case> = {
  alerts: {
    settings: { alerts: 'data.events' },
    bodies: [{ site: 'eu', data: { events: [down, { ...down, host: 'web-2' }] } }],
    others: [{ site: 'eu', data: { events: [up] } }],
  },
  title: { settings: { title: 'what.short' }, bodies: [{ ...down, what: { short: '[DOWN] Basket', long: 'x' } }] },
  message: {
    settings: { message: 'details.lines[1]' },
    bodies: [
      { ...down, details: { lines: ['a', 'b'] } },
      { ...up, details: null },
    ],
  },
  link: { settings: { link: 'pages.main' }, bodies: [{ ...down, pages: { main: 'https://acme.example.com/1' } }, up] },
  status: {
    settings: { status: 'check.now', firing: [0], resolved: [1] },
    bodies: [{ ...down, check: { now: 0 } }],
    others: [{ ...down, check: { now: 1 } }],
  },
  severity: {
    settings: { severity: 'how.bad' },
    bodies: [
      { ...down, how: { bad: 'warning' } },
      { ...up, how: {} },
    ],
  },
  key: {
    settings: { key: 'site' },
    bodies: [
      { ...down, site: 'eu-1' },
      { ...up, site: 'eu-1' },
    ],
  },
  fingerprint: {
    settings: { fingerprint: 'check.id' },
    bodies: [
      { ...down, check: { id: 7 } },
      { ...up, check: { id: 7 } },
    ],
  },
  labels: {
    settings: { labels: { place: 'host', 'the team': 'who.team', count: 'n', bad: 'impact' } },
    bodies: [
      { ...down, who: { team: 'shop' }, n: 3 },
      { ...up, who: { team: '' } },
    ],
  },
  startedAt: {
    settings: { startedAt: 'since' },
    bodies: [
      { ...down, since: '2026-01-15T09:23:00Z' },
      { ...up, since: 1768468980 },
    ],
  },
  at: {
    settings: { at: 'when.sent' },
    bodies: [
      { ...down, when: { sent: 1768468980 } },
      { ...up, when: { sent: 1768469000 } },
    ],
  },
  deliveryId: {
    settings: { deliveryId: 'delivery' },
    bodies: [
      { ...down, delivery: 'd-1' },
      { ...up, delivery: 'd-2' },
    ],
  },
  ...Object.fromEntries(
    ['firing', 'resolved', 'acknowledged', 'unacknowledged', 'silenced', 'unsilenced', 'notice'].map((status) => [
      status,
      {
        settings: { [status]: ['Quux', 'GONE-BAD'] },
        bodies: [down],
        others: [{ ...down, state: 'quux' }, { ...down, state: 'gone bad' }, up],
      },
    ]),
  ),
};

const others: Record<string, Case> = {
  'no setting at all': {
    bodies: [down, up],
    others: [
      { ...up, state: 'recovered' },
      { ...down, host: 'web-2' },
    ],
  },
  'a truth value for the status': {
    bodies: [{ title: 'Backup', host: 'db-1', ok: false }],
    others: [{ title: 'Backup', host: 'db-1', ok: true }],
  },
  'the status in the title alone': {
    bodies: [{ subject: '[DOWN] Shop', host: 'a' }],
    others: [
      { subject: '[UP] Shop', host: 'a' },
      { subject: 'Recovery: Shop', host: 'a' },
    ],
  },
  'no title': {
    bodies: [{ status: 'down', host: 'db-1', rack: 'r7' }],
    others: [{ status: 'up', host: 'db-2', rack: 'r7' }],
  },
  'fields that not every request has': {
    bodies: [
      { ...down, link: 'https://acme.example.com/1' },
      { host: 'web-1', summary: 'Shop is slow', status: 'ok', count: 3, deep: null },
      { ...down, deep: { zone: 'z1', other: '' } },
    ],
  },
  'words of its own for the severity': {
    severity: { impaired: 'critical', Odd: 'info' },
    settings: { severity: 'impact' },
    bodies: [{ ...down, impact: 'impaired' }],
    others: [
      { ...down, impact: 'Odd' },
      { ...down, impact: 'major' },
    ],
  },
  'a status that says how bad it is': {
    bodies: [{ title: 'Disk', host: 'a', status: 'CRITICAL' }],
    others: [
      { title: 'Disk', host: 'a', status: 'WARNING' },
      { title: 'Disk', host: 'a', status: 'OK' },
    ],
  },
  'labels of the operator': { labels: { env: 'prod' }, bodies: [down] },
  'a list that is the body': { bodies: [[down, { ...down, host: 'web-2' }]], others: [[up]] },
  'one alert inside, with fields beside it': {
    settings: { alerts: 'alert', key: 'team' },
    bodies: [{ team: 'shop', alert: down }],
    others: [{ team: 'shop', alert: up }],
  },
  'an object of labels': {
    settings: { labels: 'tags' },
    bodies: [
      { ...down, tags: { team: 'shop', zone: 'b' } },
      { ...up, tags: { team: 'shop' } },
    ],
  },
  'a setting that no request has': {
    settings: { message: 'more.text', link: 'page', at: 'sent', labels: { host: 'host' } },
    bodies: [down],
    others: [{ ...down, more: { text: 'See there.' }, sent: 1768468980 }],
  },
  'a long text for a title': { bodies: [{ text: 'It failed.\nExit code 3', host: 'a' }] },
  'names that are no names in code': {
    settings: { title: '["What happened"]', labels: { x: '["a.b"].c' } },
    bodies: [{ 'What happened': "It's \\ `${broken}`", 'a.b': { c: 'd' }, status: 'down' }],
  },
  'templates of the operator': {
    templates: {
      title: 'Acme: {{payload.title}} on {{payload.body.host}}',
      'message.sms': 'Look at {{payload.body.host}}',
      message: '**{{payload.body.text}}**\n\n{{#if payload.body.impact}}Impact {{upper payload.body.impact}}{{/if}}',
      link: 'https://acme.example.com/{{payload.body.host}}',
    },
    bodies: [down, up],
  },
  'decisions of the operator': {
    templates: {
      group: '{{payload.body.team}}/{{alert.labels.host}}',
      resolve: '{{eq payload.body.code "0"}}',
      acknowledge: '{{payload.body.who}}',
    },
    bodies: [
      { ...down, team: 'shop', code: 0 },
      { ...down, team: 'shop', code: 1, who: 'crew' },
      { ...down, code: 1 },
    ],
    others: [
      { ...up, code: 3, team: 'b' },
      { ...up, code: 3, who: 'no' },
    ],
  },
  'a decision that is a resolution alone': {
    templates: { resolve: '{{payload.body.over}}' },
    bodies: [
      { ...down, over: 1 },
      { ...down, over: 0 },
      { ...up, over: 0 },
    ],
  },
};

test('every setting of the webhook source has a case', () => {
  const { shape } = webhook.definition.settings as z.ZodObject; // its own schema
  expect(Object.keys(bySetting).sort()).toEqual(Object.keys(shape).sort());
});

describe.each(Object.entries({ ...bySetting, ...others }))('%s', (name, given) => {
  test('is in the package as it was set', async () => {
    const source = configured(given);
    const { folder, draft } = create(source, name);
    expect(draft.replacements).toEqual([]);
    expect(draft.leftOut).toEqual([]);
    const integration = (await loadIntegration(folder)) as SourceIntegration; // made as one
    const now = '2026-01-15T12:00:00Z';
    const link = readFileSync(join(folder, 'templates/link.hbs'), 'utf8');
    // Where nothing leads to a page of the system, the package's own leads to the group's.
    const page = link === '{{group.url}}\n' ? [{ name: 'link', source: link, file: '' }] : [];
    const worded = { ...source, templates: [...source.templates, ...page] };
    for (const body of [...given.bodies, ...(given.others ?? [])]) {
      expect(read(integration, source, body), JSON.stringify(body)).toEqual(decisions(readAlerts(source, body)));
      const compared = await compareWording(folder, worded, [{ name: 'it', body, receivedAt: now, alerts: [] }]);
      expect(compared.differences, JSON.stringify(body)).toEqual([]);
      expect(compared.messages).toBeGreaterThan(0);
    }
    for (const line of readFileSync(join(folder, 'src/index.ts'), 'utf8').split('\n'))
      expect(line).not.toMatch(/undefined\.|NaN/);
  });
});

function configured({ settings = {}, severity = {}, labels = {}, templates = {}, bodies }: Case): ConfiguredSource {
  return {
    id: 'shop',
    integration: webhook,
    settings: webhook.definition.settings?.parse(settings),
    severity,
    labels,
    templates: Object.entries(templates).map(([name, source]): TemplateText => ({ name, source, file: 'tocsin.yaml' })),
    recorded: [],
    requests: bodies.map((body, index) => ({
      id: index + 1,
      receivedAt: '2026-01-15T12:00:00Z',
      path: '',
      contentType: 'application/json',
      body: JSON.stringify(body),
    })),
  };
}

function create(source: ConfiguredSource, name: string) {
  const id = name.toLowerCase().replace(/\W+/g, '-');
  const folder = join(scratch, id);
  const docs = 'https://vendor.example.com/webhooks';
  const created = createIntegration(
    { folder, repository: scratch },
    { kind: 'source', id, docs, requests: [], source, date: '2026-01-15' },
  );
  if (!created.draft) throw new Error('there is no draft');
  return { folder, ...created, draft: created.draft };
}

function read({ definition }: SourceIntegration, { labels }: ConfiguredSource, body: unknown) {
  const request = { method: 'POST', path: '', query: {}, headers: {}, rawBody: '' };
  const options = { source: 'shop', settings: {}, labels, receivedAt: Date.UTC(9999, 0) };
  return decisions(normalise(definition, body, request, options).alerts);
}

/** Without what templates read, which may have been given more. */
function decisions(alerts: readonly Alert[]): Omit<Alert, 'data'>[] {
  return alerts.map(({ data: _, ...alert }) => alert);
}
