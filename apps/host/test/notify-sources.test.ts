import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Host } from '../src/host.ts';
import { startHostHere } from './support/host-here.ts';
import { notifyHere } from './support/notify-here.ts';
import { until } from './support/until.ts';
import { startWitness, type Witness } from './support/witness.ts';

// From `tocsin notify` through the hub and the source openitcockpit to what people read.

const key = 'key-of-the-notify-test-0123456789';
let folder: string;
let host: Host;
let chat: Witness;
let count = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-notify-'));
  chat = await startWitness();
  const file = join(folder, 'tocsin.yaml');
  const settings = { url: `${chat.url}/chat`, body: 'notification', medium: 'text' };
  const config = {
    version: 1,
    listen: '127.0.0.1:0',
    store: 'sqlite:./tocsin.db',
    integrations: ['@tocsin/source-openitcockpit', '@tocsin/target-webhook', '@tocsin/target-slack'],
    sources: [{ id: 'oitc', use: 'openitcockpit', key, settings: { url: 'https://monitoring.example.com' } }],
    targets: [
      { id: 'chat', use: 'webhook', settings },
      // One that is told the newest state, and yet each notice.
      { id: 'slack', use: 'slack', settings: { webhookUrl: `${chat.url}/slack/services/T/B/x` } },
    ],
    routes: [{ match: 'host="srv-9"', to: ['slack'], continue: true }, { to: ['chat'] }],
    egress: { allow: ['127.0.0.0/8'] },
  };
  writeFileSync(file, JSON.stringify(config)); // JSON is YAML
  host = await startHostHere(file, 'token-of-the-notify-test');
});

afterAll(async () => {
  await host.stop();
  await chat.close();
  rmSync(folder, { recursive: true });
});

interface Shown {
  title: string;
  message: string;
  link: string;
  comment: string;
  headline: string;
  group: { severity: string };
}

/** Notifies, and gives the message that comes of it. */
async function shown(words: readonly string[]): Promise<Shown> {
  const said = await notifyHere([...words, '--url', `${host.address}/in/oitc`, '--key', key]);
  expect(said).toMatchObject({ code: 0, err: '' });
  const all = await chat.untilTold('/chat', ++count);
  return JSON.parse(all.at(-1)?.body ?? '') as Shown;
}

const uuidOf = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const hostWords = (number: number, type = 'PROBLEM', state = '1') => [
  ...['--type', 'Host', '--notificationtype', type, '--hostname', uuidOf(number), '--hostdisplayname', `srv-${number}`],
  ...['--hostaddress', '192.0.2.1', '--hoststate', state, '--output', 'it says so'],
];

test('seed-O8: names are shown where there are UUIDs, and the address where there is no name', async () => {
  expect(JSON.stringify({ ...(await shown(hostWords(1))), link: '', group: '', alert: '', alerts: '' })).toContain(
    'srv-1',
  );
  const { title } = await shown(
    hostWords(2).filter((word, index, all) => ![word, all[index - 1]].includes('--hostdisplayname')),
  );
  expect(title).toBe('192.0.2.1 is DOWN');
});

test('seed-O13: links lead to the page of the host and of the service', async () => {
  expect((await shown(hostWords(3))).link).toBe(`https://monitoring.example.com/a/hosts/browser/${uuidOf(3)}`);
  const service = ['--servicedesc', uuidOf(4), '--servicedisplayname', 'Ping', '--servicestate', '2'];
  const { link, title } = await shown([...hostWords(3), ...service, '--type', 'Service']);
  expect([title, link]).toEqual([
    'Ping on srv-3 is CRITICAL',
    `https://monitoring.example.com/a/services/browser/${uuidOf(4)}`,
  ]);
});

test.each([
  ['Host', '1', 'is DOWN', 'critical'],
  ['Host', '2', 'is UNREACHABLE', 'unknown'],
  ['Host', 'unreachable', 'is UNREACHABLE', 'unknown'],
  ['Service', '1', 'is WARNING', 'warning'],
  ['Service', 'Critical', 'is CRITICAL', 'critical'],
  ['Service', '3', 'is UNKNOWN', 'unknown'],
])('seed-O9: a %s of state %s', async (type, state, words, severity) => {
  const number = 100 + count;
  const service = ['--servicedesc', uuidOf(number), '--servicedisplayname', 'Ping', '--state', state];
  const more = type === 'Host' ? ['--hoststate', state] : service;
  const message = await shown([...hostWords(number), ...more, '--type', type]);
  expect(message.title).toContain(words);
  expect(message.group.severity).toBe(severity);
});

test.each([
  ['PROBLEM', '1', 'srv-9 is DOWN'],
  ['ACKNOWLEDGEMENT', '1', 'srv-9 is DOWN'],
  ['CUSTOM', '1', 'Message about srv-9 (DOWN)'],
  ['DOWNTIMESTART', '1', 'Downtime began: srv-9 (DOWN)'],
  ['DOWNTIMEEND', '1', 'Downtime ended: srv-9 (DOWN)'],
  ['DOWNTIMECANCELLED', '1', 'Downtime cancelled: srv-9 (DOWN)'],
  ['FLAPPINGSTART', '1', 'Flapping began: srv-9 (DOWN)'],
  ['FLAPPINGSTOP', '1', 'Flapping ended: srv-9 (DOWN)'],
  ['FLAPPINGDISABLED', '1', 'Flap detection switched off: srv-9 (DOWN)'],
  ['RECOVERY', '0', 'srv-9 is UP'],
])('seed-O10: %s has words of its own, with its author and comment', async (type, state, title) => {
  const people = ['--ackauthor', 'Ann Example', '--ackcomment', `about ${type}`];
  const message = await shown([...hostWords(9, type.toLowerCase(), state), ...people]);
  expect(message.title).toBe(title);
  await until(() => chat.told('/slack').some(({ body }) => body.includes(`: ${title}"`)), `${title} in Slack`);
  if (type === 'PROBLEM' || type === 'RECOVERY') return;
  expect(message.comment).toBe(`about ${type}`);
  expect(`${message.headline} ${message.message}`).toContain('Ann Example');
});

test('seed-O17: what the same notification says to a second contact is told once', async () => {
  const words = [...hostWords(10, 'CUSTOM'), '--id', '1795232027-99'];
  await shown(words);
  const again = await notifyHere([...words, '--url', `${host.address}/in/oitc`, '--key', key]);
  expect(again.out).toContain('accepted');
  await shown(hostWords(11));
  expect(chat.told('/chat')).toHaveLength(count);
});
