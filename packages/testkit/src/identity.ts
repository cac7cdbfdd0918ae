import type { Alert } from '@tocsin/core';
import { replaced, unpacked, valueAt } from './mutants.ts';
import type { Path } from './recorder.ts';
import type { SourceCase } from './source-case.ts';

/** Names under which vendors say where a problem is. */
const places = /^(host|hostname|host_?name|instance|node|server|device|pod|container|machine|vm)$/i;

/** What a vendor makes up for each thing: hexadecimal digests, UUIDs. Digits alone may be a time or a counter. */
const madeUp = /^(?=.*\d)(?=.*[a-f])[0-9a-f]{8,}$|^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Alerts of the examples that are of two places and share a fingerprint. */
export function sharedFingerprints(cases: ReadonlyMap<string, SourceCase>): string[] {
  const known = new Map<string, { name: string; alert: Alert }>();
  const faults = new Set<string>();
  for (const [name, { alerts }] of cases) {
    for (const alert of alerts) {
      const first = known.get(alert.fingerprint) ?? { name, alert };
      known.set(alert.fingerprint, first);
      for (const [label, value] of Object.entries(alert.labels)) {
        const other = first.alert.labels[label];
        if (!places.test(label) || other === undefined || other === value) continue;
        faults.add(
          `${label} ${other} in ${first.name}.json and ${value} in ${name}.json are both ${alert.fingerprint}`,
        );
      }
    }
  }
  return [...faults];
}

/** The same problem on another host: its alerts are of nobody's fingerprint before. */
export function secondHostFaults({ body, alerts, read }: SourceCase): string[] {
  const { body: other, changed } = elsewhere(body, read);
  if (changed.length === 0) return ['nothing in it says which host or thing it is about'];
  const known = new Set(alerts.map(({ fingerprint }) => fingerprint));
  return read(other)
    .alerts.filter(({ fingerprint }) => known.has(fingerprint))
    .map(({ fingerprint }) => `with other ${changed.join(', ')} it is still ${fingerprint}`);
}

interface Field {
  path: Path;
  value: string | number;
}

/** A copy of the body with another host, and other ids; where it names neither, with other words wherever it may. */
function elsewhere(body: unknown, read: SourceCase['read']): { body: unknown; changed: string[] } {
  const fields = fieldsIn(body);
  const hosts = new Set(
    fields.filter(({ path }) => places.test(String(path.at(-1)))).map(({ value }) => String(value)),
  );
  const isMarked = ({ value }: Field) =>
    madeUp.test(String(value)) || [...hosts].some((host) => String(value).includes(host));
  // An event's own id is made up too: alone it is nothing that another thing has.
  const chosen = fields.filter((field) => isMarked(field) || (hosts.size === 0 && isFree(body, field, read)));
  const changed = new Set<string>();
  let copy = body;
  for (const { path, value } of chosen) {
    copy = replaced(copy, path, moved(value, hosts));
    changed.add(String(path.findLast((key) => typeof key === 'string') ?? 'text'));
  }
  return { body: copy, changed: [...changed] };
}

/** Longer names first: one host's name may begin another's. */
function moved(value: string | number, hosts: ReadonlySet<string>): string | number {
  if (typeof value === 'number') return value + 1;
  if (madeUp.test(value)) return value.replace(/\d/g, (digit) => String((Number(digit) + 1) % 10));
  const host = [...hosts].filter((name) => value.includes(name)).sort((left, right) => right.length - left.length)[0];
  return host === undefined ? `${value} elsewhere` : value.replaceAll(host, `other-${host}`);
}

/** Whether the text may be another without another meaning: not a status, a severity, a time or an address. */
function isFree(body: unknown, { path, value }: Field, read: SourceCase['read']): boolean {
  if (/^https?:|^\d{4}-\d\d-\d\d|\b\d{1,2}:\d\d\b/.test(String(value))) return false;
  const meaning = (given: unknown) =>
    JSON.stringify(read(given).alerts.map(({ status, severity, startedAt, at }) => [status, severity, startedAt, at]));
  try {
    return meaning(replaced(body, path, moved(value, new Set()))) === meaning(body);
  } catch {
    return false; // The schema takes certain words only.
  }
}

/** The texts, and the numbers that are called an id. */
function fieldsIn(body: unknown, path: Path = []): Field[] {
  const value = unpacked(valueAt(body, path));
  if (typeof value === 'string') return value === '' ? [] : [{ path, value }];
  if (typeof value === 'number') return /id$/i.test(String(path.at(-1))) ? [{ path, value }] : [];
  if (value === null || typeof value !== 'object') return [];
  return Object.keys(value).flatMap((key) => fieldsIn(body, [...path, Array.isArray(value) ? Number(key) : key]));
}
