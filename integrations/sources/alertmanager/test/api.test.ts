import { type HttpResponse, normalise, type Source } from '@tocsin/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  alertsRequest,
  endSilenceRequest,
  goneMembers,
  isSilenced,
  readAlerts,
  readEndedSilence,
  readSilence,
  readStartedAt,
  silenceRequest,
  statusRequest,
  waitsFor,
} from '../src/api.ts';
import definition from '../src/index.ts';

// Alertmanager's API; the answers are those of Debian's Alertmanager 0.25.0.

const url = 'https://am.example.com/prefix/';
const labels = { alertname: 'Disk"Full\\ ,x}', host: 'web 1', n: 'é\nline2', empty: '' };
const id = '981a3369-2bad-4685-bbfc-8db593d7cbd7';

function answer(status: number, body: unknown): HttpResponse {
  return { status, headers: {}, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

function polled(alertLabels: Record<string, string>, fingerprint: string, silencedBy: string[] = []): object {
  return {
    annotations: {},
    endsAt: '2026-11-22T05:52:11.039Z',
    fingerprint,
    receivers: [{ name: 'none' }],
    startsAt: '2026-11-22T05:47:10.858Z',
    status: { inhibitedBy: [], silencedBy, state: silencedBy.length > 0 ? 'suppressed' : 'active' },
    updatedAt: '2026-11-22T05:47:11.039Z',
    labels: alertLabels,
  };
}

describe('a silence', () => {
  const silence = {
    labels,
    startsAt: 1_795_325_726_000,
    endsAt: 1_795_329_326_000,
    createdBy: 'Anna',
    comment: 'mine',
  };

  test('is of this alert alone: every label, with exactly its value', () => {
    const request = silenceRequest(url, silence);
    expect(request).toMatchObject({ method: 'POST', url: 'https://am.example.com/prefix/api/v2/silences' });
    expect(JSON.parse(request.body ?? '')).toEqual({
      matchers: [
        { name: 'alertname', value: 'Disk"Full\\ ,x}', isRegex: false, isEqual: true },
        { name: 'host', value: 'web 1', isRegex: false, isEqual: true },
        { name: 'n', value: 'é\nline2', isRegex: false, isEqual: true },
      ],
      startsAt: '2026-11-22T05:35:26.000Z',
      endsAt: '2026-11-22T06:35:26.000Z',
      createdBy: 'Anna',
      comment: 'mine',
    });
  });

  test.for<Record<string, string>>([{}, { empty: '' }])('is refused where it would be of everything: %j', (none) => {
    expect(() => silenceRequest(url, { ...silence, labels: none })).toThrow(/everything would be/);
  });

  test('has the id that Alertmanager gave it', () => {
    expect(readSilence(answer(200, { silenceID: id }))).toBe(id);
  });

  test.for([
    [
      answer(400, '"Failed to create silence: end time can\'t be in the past"'),
      /it refused.*end time can't be in the past/,
    ],
    [answer(200, { silenceID: '../alerts' }), /not its API/],
    [answer(200, '<html>'), /not its API/],
    [answer(401, 'Unauthorized'), /who asks \(HTTP 401\)/],
  ] as const)('fault: what Alertmanager refused is told, and confirms nothing', ([response, words]) => {
    expect(() => readSilence(response)).toThrow(words);
  });

  test('is ended by its id, which is nothing else', () => {
    expect(endSilenceRequest(url, id)).toEqual({
      method: 'DELETE',
      url: `https://am.example.com/prefix/api/v2/silence/${id}`,
    });
    expect(() => endSilenceRequest(url, '../alerts')).toThrow();
    expect(readEndedSilence(answer(200, ''))).toBe('ended');
    for (const gone of [answer(404, ''), answer(404, '"silence not found"'), answer(500, '"silence not found"')]) {
      expect(waitsFor(gone)).toEqual({ outcome: 'delivered' });
      expect(readEndedSilence(gone)).toBe('gone');
    }
    expect(() => readEndedSilence(answer(404, '<html>'))).toThrow(/no such page/);
    expect(() => readEndedSilence(answer(500, '"disk full"'))).toThrow(/disk full/);
  });
});

describe('a poll', () => {
  test('asks for the alerts with these labels', () => {
    const request = new URL(alertsRequest(url, labels).url);
    expect(request.pathname).toBe('/prefix/api/v2/alerts');
    expect(request.searchParams.getAll('filter')).toEqual([
      'alertname="Disk\\"Full\\\\ ,x}"',
      'host="web 1"',
      'n="é\\nline2"',
      'empty=""',
    ]);
    expect(alertsRequest(url, {}).url).toBe('https://am.example.com/prefix/api/v2/alerts');
  });

  test('no value of a label becomes another filter, and no address is too long', () => {
    const texts = fc.dictionary(fc.string(), fc.string({ unit: 'binary', maxLength: 3_000 }));
    fc.assert(
      fc.property(texts, (given) => {
        const request = new URL(alertsRequest(url, given).url);
        expect(request.href.length).toBeLessThan(4_200);
        for (const filter of request.searchParams.getAll('filter')) {
          const [, name = '', value = ''] = /^(\w+)="((?:[^"\\\n]|\\[\\"n])*)"$/.exec(filter) ?? [];
          const read = value.replace(/\\([\\"n])/g, (_, sign) => (sign === 'n' ? '\n' : sign));
          expect(read).toBe(given[name]?.toWellFormed());
        }
      }),
    );
  });

  test('shows what silences an alert, and is asked of that very alert', () => {
    const { empty: _, ...held } = labels;
    const alerts = readAlerts(answer(200, [polled(held, '57943ddf5c8a85f4', [id]), polled({ host: 'web 1' }, '21')]));
    expect(alerts).toEqual([
      { fingerprint: '57943ddf5c8a85f4', labels: held, isSuppressed: true, silencedBy: [id] },
      { fingerprint: '21', labels: { host: 'web 1' }, isSuppressed: false, silencedBy: [] },
    ]);
    expect(isSilenced(alerts, labels, id)).toBe(true);
    expect(isSilenced(alerts, labels, '0b3b5b1c-7c5c-4a45-9d3a-1f6f2b8c7d11')).toBe(false);
    expect(isSilenced(alerts, { host: 'web 1' }, id)).toBe(false);
  });

  test('fault: an answer that is cut, or none of Alertmanager’s, says nothing of any alert', () => {
    const whole = JSON.stringify([polled(labels, '57943ddf5c8a85f4')]);
    for (const response of [answer(200, whole.slice(0, -10)), answer(200, ''), answer(200, {}), answer(503, '[]')]) {
      expect(() => readAlerts(response)).toThrow(/Alertmanager: /);
    }
  });

  test('says since when Alertmanager knows anything', () => {
    expect(statusRequest(url)).toEqual({ method: 'GET', url: 'https://am.example.com/prefix/api/v2/status' });
    expect(readStartedAt(answer(200, { uptime: '2026-11-22T05:47:08.858Z' }))).toBe(
      Date.UTC(2026, 10, 22, 5, 47, 8, 858),
    );
    expect(() => readStartedAt(answer(200, {}))).toThrow(/not its API/);
  });
});

describe('goneMembers', () => {
  const read = (...alerts: object[]) => readAlerts(answer(200, alerts));
  const one = polled({ host: 'web 1' }, '1');
  const other = polled({ host: 'web 2' }, '2');

  test('are those that neither of two polls shows', () => {
    expect(goneMembers(['1', '2', '3'], read(one), read(other))).toEqual(['3']);
    expect(goneMembers(['1', '2'], read(one, other), read(one))).toEqual([]);
    expect(goneMembers(['1', '2'], read(one), read(one))).toEqual(['2']);
    expect(goneMembers(['1'], read(), read())).toEqual(['1']);
    expect(goneMembers([], read(one), read())).toEqual([]);
  });

  test('a member that came without a fingerprint is known by its labels, however many they are', () => {
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`label_${index}`, 'x'.repeat(50)]));
    const source = definition as unknown as Source; // the types of one source are of no use to who runs all
    for (const own of [{ b: '1', a: '2' }, many]) {
      const body = { groupLabels: {}, alerts: [{ status: 'firing', labels: own }] };
      const request = { method: 'POST', path: '', query: {}, headers: {}, rawBody: '' };
      const [alert] = normalise(source, body, request, { source: 'am', settings: undefined, receivedAt: 1 }).alerts;
      const members = [alert?.fingerprint ?? ''];
      expect(goneMembers(members, read(), read(polled(own, '1')))).toEqual([]);
      expect(goneMembers(members, read(), read(one))).toEqual(members);
    }
  });
});
