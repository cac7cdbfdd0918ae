import { expect, test } from 'vitest';
import {
  defineSource,
  macroDecisions,
  macros,
  macroView,
  monitoredObject,
  normalise,
  type Source,
} from '../src/index.ts';

// What a monitor is told of, for an alert of its: the names of its configuration, whatever people are shown.

const source = defineSource({
  ...macroDecisions,
  title: 'A monitor',
  summary: 'What it checks',
  docs: 'https://example.com/',
  whyNoOverride: 'Said in a few words.',
  notOffered: { signature: 'https://example.com/' },
  payload: macros,
  data: ({ alert }) => ({ ...alert, ...macroView(alert) }),
}) as unknown as Source; // the types of one source are of no use to who runs all

const uuids = {
  host: 'a3c9d0f4-5d7e-4f4b-9a55-0d1f3a1c7e42',
  service: '5b1f9c0a-6a3d-4f2e-8f7e-2c9b8d7a6e51',
};

function alertOf(payload: object, labels?: Record<string, string>) {
  const request = { method: 'POST', path: '', query: {}, headers: {}, rawBody: '' };
  const body = { NOTIFICATIONTYPE: 'PROBLEM', ...payload };
  const options = { source: 'monitor', settings: undefined, receivedAt: Date.UTC(2026, 0, 15), labels };
  const [alert] = normalise(source, body, request, options).alerts;
  if (!alert) throw new Error('no alert');
  return alert;
}

test.each([
  [{ HOSTNAME: 'web-1' }, { host: 'web-1' }],
  [{ HOSTNAME: 'web-1', HOSTDISPLAYNAME: 'Web front' }, { host: 'web-1' }],
  [
    { HOSTNAME: 'web-1', SERVICEDESC: 'HTTP' },
    { host: 'web-1', service: 'HTTP' },
  ],
  [
    { HOSTNAME: uuids.host, HOSTALIAS: 'web-1', SERVICEDESC: uuids.service, SERVICEDISPLAYNAME: 'HTTP' },
    { host: uuids.host, service: uuids.service },
  ],
])('seed-O14: %j is known to the monitor as %j, from the data as from the labels', (payload, object) => {
  const { data, labels } = alertOf(payload);
  expect(monitoredObject({ data, labels })).toEqual(object);
  expect(monitoredObject({ data: undefined, labels })).toEqual(object);
});

test('a label that the operator gives does not make a host another, nor a service of it', () => {
  const alert = alertOf({ HOSTNAME: 'web-1' }, { hostname: 'web-2', service: 'payments' });
  expect(alert.labels).toMatchObject({ hostname: 'web-2', service: 'payments' });
  expect(monitoredObject(alert)).toEqual({ host: 'web-1' });
});

test('an alert without a host is none of a monitor’s', () => {
  expect(monitoredObject({ data: { title: 'Disk full' }, labels: { alertname: 'DiskFull' } })).toBeUndefined();
});
