import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SourceIntegration } from '@tocsin/core';
import { loadIntegration } from '@tocsin/core/load';
import { checkIntegration, mutateIntegration, runSourceCase, updateIntegration } from '@tocsin/testkit';
import { draftSource } from 'create-tocsin-integration';
import { afterAll, describe, expect, test } from 'vitest';
import { type CreateOptions, createIntegration } from '../src/create.ts';

// Payloads in the shapes that real systems send, with values of our own: each draft passes the suite at once.

const scratch = mkdtempSync(join(tmpdir(), 'tocsin-new-'));
mkdirSync(join(scratch, 'node_modules', '@tocsin'), { recursive: true });
symlinkSync(join(import.meta.dirname, '../../core'), join(scratch, 'node_modules/@tocsin/core'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const docs = 'https://vendor.example.com/webhooks';
const targets = ['slack', 'webhook'].map((id) => join(import.meta.dirname, '../../../integrations/targets', id));

interface Told {
  status: string;
  severity: string;
  fingerprint: string;
  title: string;
}

const systems: Record<string, { bodies: Record<string, unknown>; told: Record<string, Told> }> = {
  'words in capitals, every value a text': {
    bodies: {
      problem: {
        'EVENT.STATUS': 'PROBLEM',
        'EVENT.SEVERITY': 'Disaster',
        'HOST.NAME': 'web-1',
        'TRIGGER.NAME': 'Disk is full',
        'EVENT.UPDATE.STATUS': '{EVENT.UPDATE.STATUS}',
      },
    },
    told: {
      firing: {
        status: 'firing',
        severity: 'critical',
        fingerprint: '["web-1","Disk is full"]',
        title: 'Disk is full (web-1)',
      },
      resolved: {
        status: 'resolved',
        severity: 'critical',
        fingerprint: '["web-1","Disk is full"]',
        title: 'Disk is full (web-1)',
      },
    },
  },
  'a number for the status, told by the names of the files': {
    bodies: {
      down: {
        heartbeat: { monitorID: 7, status: 0, msg: 'connection refused', time: '2026-01-15 09:23:00' },
        monitor: { name: 'Shop', upsideDown: false, url: 'https://shop.example.com/' },
      },
      up: {
        heartbeat: { monitorID: 7, status: 1, msg: '200 - OK', time: '2026-01-15 09:31:00' },
        monitor: { name: 'Shop', upsideDown: false, url: 'https://shop.example.com/' },
      },
    },
    told: {
      firing: { status: 'firing', severity: 'unknown', fingerprint: '7', title: 'Shop' },
      resolved: { status: 'resolved', severity: 'unknown', fingerprint: '7', title: 'Shop' },
    },
  },
  'a list of alerts that are not all in the same state': {
    bodies: {
      firing: {
        groupLabels: { alertname: 'DiskFull' },
        alerts: ['web-1', 'web-2'].map((host, index) => ({
          status: index === 0 ? 'firing' : 'resolved',
          fingerprint: `f00dbabe${index}`,
          labels: { alertname: 'DiskFull', host, severity: 'warning' },
          annotations: { summary: `Disk full on ${host}` },
        })),
      },
    },
    told: {
      firing: { status: 'firing', severity: 'warning', fingerprint: 'f00dbabe0', title: 'Disk full on web-1' },
      resolved: { status: 'resolved', severity: 'warning', fingerprint: 'f00dbabe0', title: 'Disk full on web-1' },
    },
  },
  'three states, and a scale of its own': {
    bodies: {
      open: { incident: { id: 'i-1', state: 'open', priority: 'P2', subject: 'Checkout is slow', service: 'shop' } },
      acknowledged: {
        incident: { id: 'i-1', state: 'acknowledged', priority: 'P2', subject: 'Checkout is slow', service: 'shop' },
      },
      closed: {
        incident: { id: 'i-1', state: 'closed', priority: 'P2', subject: 'Checkout is slow', service: 'shop' },
      },
    },
    told: {
      firing: { status: 'firing', severity: 'error', fingerprint: 'i-1', title: 'Checkout is slow (shop)' },
      acknowledged: { status: 'acknowledged', severity: 'error', fingerprint: 'i-1', title: 'Checkout is slow (shop)' },
      resolved: { status: 'resolved', severity: 'error', fingerprint: 'i-1', title: 'Checkout is slow (shop)' },
    },
  },
  'no word about how it stands': {
    bodies: { mail: { subject: 'Backup of db-1 was not made', message: 'No space left.', sender: 'cron@example.com' } },
    told: {
      firing: {
        status: 'firing',
        severity: 'unknown',
        fingerprint: 'Backup of db-1 was not made',
        title: 'Backup of db-1 was not made',
      },
      resolved: {
        status: 'resolved',
        severity: 'unknown',
        fingerprint: 'Backup of db-1 was not made',
        title: 'Backup of db-1 was not made',
      },
    },
  },
};

describe.each(Object.entries(systems))('%s', (name, { bodies, told }) => {
  test('drafts a source that passes at once and says what it should', async () => {
    const folder = create({ docs, requests: requestsOf(bodies) }, name);
    await updateIntegration(folder, { print: () => {}, environment: {} });
    const results = [...(await checkIntegration(folder, { targets })), ...(await mutateIntegration(folder))];
    expect(results.filter(({ ok }) => !ok)).toEqual([]);
    expect(await toldOf(folder, Object.keys(told))).toEqual(told);
    expect(readFileSync(join(folder, 'src/index.ts'), 'utf8').split('\n').length).toBeLessThanOrEqual(41);
  });
});

test('a payload without a word of its own is told by what it is', async () => {
  const folder = create({ docs, requests: requestsOf({ firing: { sensor: 17, value: 93.5, ok: false } }) }, 'numbers');
  await updateIntegration(folder, { print: () => {}, environment: {} });
  expect((await checkIntegration(folder, { targets })).filter(({ ok }) => !ok).map(({ rule }) => rule)).toEqual([
    'identity',
  ]);
  const { firing, resolved } = await toldOf(folder, ['firing', 'resolved']);
  expect([firing?.title, firing?.status, resolved?.status]).toEqual(['everything', 'firing', 'resolved']);
});

test('without the page of the vendor nothing but that is missing', async () => {
  const folder = create(
    { requests: requestsOf({ firing: { status: 'firing', host: 'web-1', title: 'Disk full' } }) },
    'page',
  );
  await updateIntegration(folder, { print: () => {}, environment: {} });
  const failed = (await checkIntegration(folder)).filter(({ ok }) => !ok);
  expect(failed.map(({ rule }) => rule)).toContain('definition');
  expect(
    failed.filter(({ rule, message }) => !['definition', 'origin'].includes(rule) || !/url|TODO/i.test(message)),
  ).toEqual([]);
});

test('every guess is told with its reason and the line where it stands', () => {
  const place = { folder: join(scratch, 'guesses'), repository: scratch };
  const requests = requestsOf({ firing: { state: 'ALARM', device: 'pump-3', check: 'Pressure', level: 'P1' } });
  const { checklist } = createIntegration(place, { kind: 'source', id: 'guesses', requests, date: '2026-01-15' });
  const lines = readFileSync(join(place.folder, 'src/index.ts'), 'utf8').split('\n');
  const about = (says: string) => {
    const entry = checklist.find((candidate) => candidate.says.includes(says));
    return entry && `${entry.file}: ${entry.file === 'src/index.ts' ? lines[entry.line - 1] : entry.line}`;
  };
  expect(about('"ALARM" is firing, "OK" is resolved; "OK" is not in your payloads')).toContain('index.ts:   status:');
  expect(about('device, check: this names the object and the problem')).toContain('index.ts:   fingerprint:');
  expect(about('"P1" is taken for critical')).toContain('index.ts:   severity:');
  expect(about("vendor's page")).toBe("src/index.ts:   docs: 'TODO',");
  expect(about('made up from firing.json')).toBe('examples/resolved.json: 1');
  expect(about('The steps as people see them')).toBe('howto.html: 3');
});

test("an operator's own templates come before the draft's", () => {
  const { files } = draftSource({
    product: { title: 'Acme', summary: 'Alerts of Acme', docs },
    requests: requestsOf({ firing: { status: 'firing', title: 'Disk full' } }),
    templates: { title: 'Acme says {{payload.title}}' },
    date: '2026-01-15',
  });
  expect(files.get('templates/title.hbs')).toBe('Acme says {{payload.title}}\n');
  expect(files.get('templates/message.hbs')).toContain('{{#each group.alerts}}');
});

test.each([[42], [[]], [['a']], [{}], [null]])('what is no request of alerts is refused: %j', (body) => {
  const draft = () =>
    draftSource({ product: { title: '', summary: '', docs }, requests: requestsOf({ a: body }), date: '' });
  expect(draft).toThrow('a.json holds no JSON object and no list of objects');
});

function requestsOf(bodies: Record<string, unknown>) {
  return Object.entries(bodies).map(([name, body]) => ({ name: `${name}.json`, body }));
}

function create(options: Pick<CreateOptions, 'requests' | 'docs'>, name: string): string {
  const id = name.replace(/\W+/g, '-');
  const folder = join(scratch, id);
  createIntegration({ folder, repository: scratch }, { kind: 'source', id, date: '2026-01-15', ...options });
  return folder;
}

async function toldOf(folder: string, cases: string[]): Promise<Record<string, Told>> {
  const integration = (await loadIntegration(folder)) as SourceIntegration; // made as one above
  return Object.fromEntries(
    cases.map((name) => {
      const rawBody = readFileSync(join(folder, `examples/${name}.json`), 'utf8');
      const { alerts, expected } = runSourceCase(integration, rawBody, JSON.parse(rawBody), {});
      const [{ status, severity, fingerprint }] = alerts as [(typeof alerts)[number]];
      const title = expected.notifications[0]?.texts.text?.title ?? '';
      return [name, { status, severity, fingerprint, title }];
    }),
  );
}
