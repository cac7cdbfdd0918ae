import type { Alert } from '@tocsin/core';
import { differences } from './difference.ts';
import { pathText, replaced, valueAt } from './mutants.ts';
import type { Path } from './recorder.ts';
import type { SourceCase } from './source-case.ts';

/**
 * Puts the alerts of the firing and of the resolved example into one request, with one between that nobody can read:
 * each must say what it says alone. Undefined where a request of this source holds one alert.
 */
export function batchFaults(firing: SourceCase, resolved: SourceCase): string[] | undefined {
  const path = listIn(firing);
  if (!path) return undefined;
  const [first, second] = [elementsOf(firing, path), elementsOf(resolved, path)];
  if (!first || !second) return undefined;
  const orders: [SourceCase, unknown[], Alert[]][] = [
    [firing, [...first, ...second], [...firing.alerts, ...resolved.alerts]],
    [resolved, [...second, ...first], [...resolved.alerts, ...firing.alerts]],
  ];
  const where = path.length === 0 ? 'one list' : pathText(path);
  return orders.flatMap(([around, elements, alone]) => {
    const together = around.read(replaced(around.body, path, elements)).alerts;
    const [left, ...rest] = elements;
    const among = around.read(replaced(around.body, path, [left, null, ...rest])).alerts;
    return [
      ...differences(saying(alone), saying(together)).map((fault) => `in ${where}: ${fault}`),
      ...(saying(alone).every((said) => saying(among).includes(said))
        ? []
        : [`in ${where} one bad alert takes its neighbours with it`]),
    ];
  });
}

function saying(alerts: readonly Alert[]): string[] {
  return alerts.map(({ status, severity, fingerprint }) => `${fingerprint} is ${status}, ${severity}`).sort();
}

/** Where the body has its alerts: with each element twice there are twice as many. The body itself may be made a list. */
function listIn(example: SourceCase): Path | undefined {
  const isList = (path: Path, elements: readonly unknown[]) => {
    try {
      return (
        example.read(replaced(example.body, path, [...elements, ...elements])).alerts.length ===
        2 * example.alerts.length
      );
    } catch {
      return false; // No list of alerts, or not one that may stand there.
    }
  };
  const found = listsIn(example.body).find((path) => isList(path, valueAt(example.body, path) as unknown[]));
  return found ?? (isList([], [example.body]) ? [] : undefined);
}

/** Undefined where the other example has no list. */
function elementsOf({ body }: SourceCase, path: Path): unknown[] | undefined {
  const found = valueAt(body, path);
  if (Array.isArray(found)) return found;
  return path.length === 0 ? [body] : undefined;
}

function listsIn(body: unknown, path: Path = []): Path[] {
  const value = valueAt(body, path);
  if (Array.isArray(value)) return value.length > 0 ? [path] : [];
  if (value === null || typeof value !== 'object' || path.length > 2) return [];
  return Object.keys(value).flatMap((key) => listsIn(body, [...path, key]));
}
