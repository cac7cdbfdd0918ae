import type { Alert } from '@tocsin/core';
import type { Path } from '../draft/code.ts';
import { isObject, type Sample } from '../draft/samples.ts';
import { type ConfiguredSource, readAlerts } from './configured.ts';

/** A stored request with what the source makes of it. */
export interface ReadRequest {
  name: string;
  body: unknown;
  receivedAt: string;
  /** In their order in the body. */
  alerts: Alert[];
}

/** Where in a body its alerts are; `at` is empty for a body that is the list, or the one alert. */
export interface Shape {
  kind: 'whole' | 'list' | 'one';
  at: readonly string[];
}

/** An alert of a request, and what the source alone makes of it, without what the operator's config adds. */
export interface ToldSample extends Sample {
  /** Its place among the alerts of the request. */
  index: number;
  told: Alert & { data: ToldData };
}

/** What templates read. */
export interface ToldData {
  title: string;
  message: string;
  link?: string;
}

/** Undefined for a body with something else than objects where its alerts are. */
export function shapeOf(body: unknown, at: Path | undefined): Shape | undefined {
  const found = at === undefined ? body : readAt(body, at);
  const isPlainPath = at?.every((key) => typeof key === 'string') ?? true;
  if (!isPlainPath) return undefined;
  const path = (at ?? []) as string[]; // as was just seen
  if (Array.isArray(found)) return found.length > 0 && found.every(isObject) ? { kind: 'list', at: path } : undefined;
  if (isObject(found)) return { kind: path.length > 0 ? 'one' : 'whole', at: path };
  return isObject(body) ? { kind: 'whole', at: [] } : undefined;
}

/** Each alert of the requests, which all have the shape. */
export function toldSamples(source: ConfiguredSource, requests: readonly ReadRequest[], shape: Shape): ToldSample[] {
  return requests.flatMap(({ body }, request) =>
    readAlerts(source, body, true).map((told, index) => ({
      request,
      index,
      hint: undefined,
      alert: alertAt(body, shape, index),
      payload: body,
      told: told as ToldSample['told'], // the source's own shape of data
    })),
  );
}

/** The path of an alert in its body. */
export function pathOf({ kind, at }: Shape, index: number): Path {
  return kind === 'list' ? [...at, index] : at;
}

function alertAt(body: unknown, shape: Shape, index: number): unknown {
  return readAt(body, pathOf(shape, index));
}

/** The value at a path of own keys and elements. */
export function readAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (found, key) =>
      found !== null && typeof found === 'object' && Object.hasOwn(found, key)
        ? (found as Record<string | number, unknown>)[key]
        : undefined,
    value,
  );
}

/** A copy with another value there. */
export function withValue(body: unknown, path: Path, value: unknown): unknown {
  const copy = structuredClone(body);
  const holder = readAt(copy, path.slice(0, -1));
  // What has a value there is an object or a list.
  if (holder !== null && typeof holder === 'object')
    (holder as Record<string | number, unknown>)[path.at(-1) ?? ''] = value;
  return copy;
}
