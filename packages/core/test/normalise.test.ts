import {
  defineSource,
  type NormaliseOptions,
  normalise,
  type Source,
  type SourceDefinition,
  TocsinError,
  z,
} from '@tocsin/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const receivedAt = Date.UTC(2026, 0, 15, 9, 30);
const request = { method: 'POST', path: '', query: {}, headers: {}, rawBody: '' };

type Item = Record<string, unknown>;

/** A source of one list, `alerts`, whose parts are given. */
function source(parts: Partial<SourceDefinition<{ alerts: Item[] }, Item, unknown>> = {}): Source {
  const definition: SourceDefinition<{ alerts: Item[] }, Item, unknown> = {
    title: 'Acme',
    summary: 'Alerts of Acme',
    docs: 'https://acme.example/webhook',
    payload: z.looseObject({ alerts: z.array(z.looseObject({ name: z.string() })) }),
    alerts: ({ payload }) => payload.alerts,
    status: () => 'firing',
    group: ({ alert }) => alert.name as string,
    fingerprint: ({ alert }) => alert.name as string,
    ...parts,
  };
  return defineSource(definition) as unknown as Source; // the types of one source are of no use to who runs all
}

function read(given: Source, body: unknown, options: Partial<NormaliseOptions> = {}) {
  return normalise(given, body, request, { source: 'prod', settings: {}, receivedAt, ...options });
}

function readOne(parts: Parameters<typeof source>[0], item: Item = {}, options: Partial<NormaliseOptions> = {}) {
  const { alerts, rejected } = read(source(parts), { alerts: [{ name: 'a', ...item }] }, options);
  expect(rejected).toEqual([]);
  expect(alerts).toHaveLength(1);
  return alerts[0]!;
}

function failure(run: () => unknown): TocsinError {
  try {
    run();
  } catch (error) {
    if (error instanceof TocsinError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

test('a source that gives only what it must', () => {
  expect(readOne({}, { extra: 1 })).toEqual({
    source: 'prod',
    fingerprint: 'a',
    group: 'a',
    status: 'firing',
    severity: 'unknown',
    labels: {},
    data: { name: 'a', extra: 1 },
  });
});

test('without `alerts` the payload is the one alert', () => {
  const { alerts } = read(source({ alerts: undefined, group: () => 'g', fingerprint: () => 'f' }), { alerts: [] });
  expect(alerts).toMatchObject([{ group: 'g', fingerprint: 'f', data: { alerts: [] } }]);
});

describe('one bad alert does not drop its neighbours', () => {
  test('where its element does not fit the schema', () => {
    const { alerts, rejected } = read(source(), { alerts: [{ name: 'a' }, { name: 2 }, { name: 'c' }, 'x'] });
    expect(alerts.map(({ fingerprint }) => fingerprint)).toEqual(['a', 'c']);
    expect(rejected.map(({ path }) => path)).toEqual(['alerts[1].name', 'alerts[3]']);
  });

  test('where one of its functions throws', () => {
    const picky = source({
      status: ({ alert }) => {
        if (alert.name === 'b') throw new Error('no state');
        return 'resolved';
      },
    });
    const { alerts, rejected } = read(picky, { alerts: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] });
    expect(alerts.map(({ fingerprint }) => fingerprint)).toEqual(['a', 'c']);
    expect(rejected).toEqual([{ path: 'alerts[1]', message: 'no state' }]);
  });

  test('where what identifies it is labels, and it has none', () => {
    const { alerts, rejected } = read(
      source({ group: () => ({}), fingerprint: ({ alert }) => alert.labels as Record<string, string> }),
      {
        alerts: [
          { name: 'a', labels: {} },
          { name: 'b', labels: { host: 'db-1' } },
        ],
      },
    );
    expect(alerts.map(({ group, fingerprint }) => [group, fingerprint])).toEqual([['{}', '{"host":"db-1"}']]);
    expect(rejected).toEqual([
      { path: 'alerts[0]', message: 'fingerprint is empty: the payload lacks what identifies the alert' },
    ]);
  });

  test('where it has no identity, or a status that there is not', () => {
    const { alerts, rejected } = read(source({ status: ({ alert }) => (alert.status ?? 'firing') as 'firing' }), {
      alerts: [{ name: '' }, { name: 'b', status: 'burning' }, { name: 'c' }],
    });
    expect(alerts.map(({ fingerprint }) => fingerprint)).toEqual(['c']);
    expect(rejected).toEqual([
      { path: 'alerts[0]', message: 'fingerprint is empty: the payload lacks what identifies the alert' },
      {
        path: 'alerts[1]',
        message: expect.stringContaining('status is "burning"; it must be one of firing, resolved'),
      },
    ]);
  });
});

describe('a request of which nothing can be read', () => {
  test.each<[string, unknown, string[]]>([
    ["another vendor's", { version: 2, incidents: [] }, ['alerts']],
    ['no object', 'down', ['']],
    ['nothing', null, ['']],
    ['one whose only alert does not fit', { alerts: [{ title: 'x' }] }, ['alerts[0].name']],
  ])('(%s) is refused with the path of each fault and what to do', (_, body, paths) => {
    const error = failure(() => {
      const { alerts, rejected } = read(source(), body);
      // What came through must be an alert or a rejection; an empty list would be a loss without a word.
      if (alerts.length === 0 && rejected.length === 0) throw new Error('lost');
    });
    expect(error).toMatchObject({ code: 'payload', remedy: expect.stringContaining('https://acme.example/webhook') });
    expect(error.message).toContain('Acme');
    expect(error.faults.map(({ path }) => path)).toEqual(paths);
  });

  test('is refused too where its functions reject every alert', () => {
    const error = failure(() =>
      read(source({ fingerprint: () => undefined }), { alerts: [{ name: 'a' }, { name: 'b' }] }),
    );
    expect(error.faults.map(({ path }) => path)).toEqual(['alerts[0]', 'alerts[1]']);
  });

  test('is refused, not an accident, where `alerts` itself throws', () => {
    const error = failure(() =>
      read(
        source({
          alerts: () => {
            throw new Error('no list');
          },
        }),
        { alerts: [] },
      ),
    );
    expect(error).toMatchObject({ code: 'payload', faults: [{ path: 'alerts', message: 'no list' }] });
  });

  test('names at most twenty faults', () => {
    const wide = z.object(Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`f${index}`, z.string()])));
    const strict = source({ payload: wide as unknown as z.ZodType<{ alerts: Item[] }> });
    expect(failure(() => read(strict, {})).faults).toHaveLength(20);
  });
});

test('an empty list is a request without alerts', () => {
  expect(read(source(), { alerts: [] })).toEqual({ alerts: [], rejected: [] });
});

describe('identity', () => {
  test('of an object is the same in whatever order its fields come', () => {
    const group = ({ alert }: { alert: Item }) => alert.labels as Item;
    const first = readOne({ group }, { labels: { b: '2', a: { d: 1, c: [2, 1] } } });
    const second = readOne({ group }, { labels: { a: { c: [2, 1], d: 1 }, b: '2' } });
    expect(first.group).toBe('{"a":{"c":[2,1],"d":1},"b":"2"}');
    expect(second.group).toBe(first.group);
  });

  test.each([
    [0, '0'],
    [false, 'false'],
    [17, '17'],
    [['a', 1], '["a",1]'],
  ])('may be %j', (value, text) => {
    expect(readOne({ fingerprint: () => value }).fingerprint).toBe(text);
  });

  test.each([[undefined], [null], ['']])('may not be %j', (value) => {
    expect(() => readOne({ group: () => value })).toThrow();
  });

  test('that is too long keeps its start, and stays different from others that start so', () => {
    const long = (end: string) => readOne({ group: () => 'x'.repeat(600) + end }).group;
    expect(long('a')).toHaveLength(512);
    expect(long('a')).toBe(long('a'));
    expect(long('a')).not.toBe(long('b'));
    expect(long('a').startsWith('x'.repeat(400))).toBe(true);
    expect(readOne({ group: () => 'x'.repeat(512) }).group).toBe('x'.repeat(512));
  });
});

describe('times', () => {
  const at = (value: unknown, given = receivedAt) =>
    readOne({ at: ({ alert }) => alert.at as string }, { at: value }, { receivedAt: given }).at;

  test.each<[unknown, number | undefined]>([
    ['2026-01-15T09:00:00Z', Date.UTC(2026, 0, 15, 9)],
    ['2026-01-15T10:00:00.25+01:00', Date.UTC(2026, 0, 15, 9, 0, 0, 250)],
    ['2026-01-15T09:00:00.123456789Z', Date.UTC(2026, 0, 15, 9, 0, 0, 123)],
    [1_768_467_600, Date.UTC(2026, 0, 15, 9)],
    ['1768467600', Date.UTC(2026, 0, 15, 9)],
    [1_768_467_600_123, Date.UTC(2026, 0, 15, 9, 0, 0, 123)],
    [1_768_467_600.4, Date.UTC(2026, 0, 15, 9, 0, 0, 400)],
    ['0001-01-01T00:00:00Z', undefined],
    ['0000-00-00', undefined],
    [0, undefined],
    [-5, undefined],
    ['soon', undefined],
    ['', undefined],
    [null, undefined],
    [Number.NaN, undefined],
  ])('%j is %j', (value, time) => {
    expect(at(value)).toBe(time);
  });

  test('ahead of our clock are at most five minutes ahead', () => {
    expect(at(receivedAt + 4 * 60_000)).toBe(receivedAt + 4 * 60_000);
    expect(at(receivedAt + 3_600_000)).toBe(receivedAt + 5 * 60_000);
    expect(readOne({ startedAt: () => receivedAt + 3_600_000 }).startedAt).toBe(receivedAt + 5 * 60_000);
  });

  test('of an end may lie ahead', () => {
    expect(readOne({ expires: () => receivedAt + 3_600_000 }).expires).toBe(receivedAt + 3_600_000);
  });
});

describe('seed-D17 severity', () => {
  test.each([
    ['critical', {}, 'critical'],
    ['CRITICAL', {}, 'critical'],
    [' Warn ', {}, 'warning'],
    ['page', {}, 'critical'],
    ['page', { page: 'info' }, 'info'],
    ['PAGE', { page: 'info' }, 'info'],
    ['ticket', {}, 'unknown'],
    ['constructor', {}, 'unknown'],
    ['', {}, 'unknown'],
  ] as const)('%j with %j is %j', (word, severity, result) => {
    expect(readOne({ severity: () => word }, {}, { severity }).severity).toBe(result);
  });

  test('comes from the label of that name', () => {
    expect(readOne({ labels: () => ({ severity: 'error' }) }).severity).toBe('error');
  });

  test("is the operator's where that label is set", () => {
    const { severity, labels } = readOne(
      { labels: () => ({ severity: 'error' }) },
      {},
      { labels: { severity: 'info' } },
    );
    expect([severity, labels.severity]).toEqual(['info', 'info']);
  });
});

describe('labels', () => {
  const labels = (given: Item, added?: Record<string, string>) =>
    readOne({ labels: () => given }, {}, { labels: added }).labels;

  test('that are no text are JSON, and missing ones are left out', () => {
    expect(labels({ a: 1, b: true, c: { d: 1 }, e: null, f: undefined, g: '' })).toEqual({
      a: '1',
      b: 'true',
      c: '{"d":1}',
      g: '',
    });
  });

  test("of the operator win over the vendor's", () => {
    expect(labels({ env: 'vendor', host: 'h' }, { env: 'prod' })).toEqual({ env: 'prod', host: 'h' });
  });

  test('are at most 128, of bounded length', () => {
    const many = labels(Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`l${index}`, 'x'.repeat(9000)])));
    expect(Object.keys(many)).toHaveLength(128);
    expect(many.l0).toHaveLength(4096);
  });

  test('named like parts of JavaScript are labels', () => {
    const given = JSON.parse('{"__proto__": "a", "constructor": "b", "toString": "c"}');
    const result = labels(given);
    expect(Object.entries(result)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
      ['toString', 'c'],
    ]);
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
  });
});

test('texts can be stored whatever they hold', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '\0', '\ud800', '\udc00', '😀'), minLength: 1 }), (text) => {
      const alert = readOne({
        labels: () => ({ [text]: text }),
        group: () => text,
        fingerprint: () => [text],
        actor: () => text,
        comment: () => text,
        deliveryId: () => text,
      });
      const { data, ...rest } = alert;
      for (const part of [...Object.values(rest), ...Object.entries(rest.labels).flat()]) {
        expect(String(part).isWellFormed() && !String(part).includes('\0')).toBe(true);
      }
    }),
  );
});

test('actor, comment and delivery are bounded', () => {
  const long = () => 'x'.repeat(20_000);
  const { actor, comment, deliveryId } = readOne({ actor: long, comment: long, deliveryId: long });
  expect([actor?.length, comment?.length, deliveryId?.length]).toEqual([256, 8192, 512]);
});

test('`data` is what the source says templates may read', () => {
  expect(readOne({ data: ({ alert, payload }) => [alert.name, payload.alerts.length] }).data).toEqual(['a', 1]);
});

test('functions are given the settings and the request', () => {
  const seen = readOne(
    { group: ({ settings, request: { method } }) => `${(settings as Item).team} ${method}` },
    {},
    { settings: { team: 'core' } },
  );
  expect(seen.group).toBe('core POST');
});
