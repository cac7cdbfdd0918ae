import { type AlertStatus, isIdentifying, plainWord, type Severity, statusWords, usualNames } from '@tocsin/core';
import type { Path } from '../draft/code.ts';
import type { Field } from '../draft/fields.ts';
import { isObject } from '../draft/samples.ts';
import type { ConfiguredSource } from './configured.ts';
import { type Part, probe } from './probe.ts';
import { readAt, type Shape, type ToldSample } from './samples.ts';
import { ownWords, type WebhookSettings } from './settings.ts';

/** A value that stands at the same place in the samples, or that a setting says will stand there. */
export interface Place {
  of: 'alert' | 'payload';
  path: Path;
  /** For each sample; undefined where it is missing. */
  values: readonly unknown[];
}

/** What a configured source reads for each decision: of several places the first that has something. */
export interface Reading {
  samples: readonly ToldSample[];
  shape: Shape;
  title: Place[];
  /** What together is the title where none of those is there. */
  pieces: Place[];
  message: Place[];
  link: Place[];
  status: Place[];
  /** A truth value, and what true means. */
  flag: { place: Place; whenTrue: AlertStatus } | undefined;
  /** A word in the title says it where nothing else does. */
  titleSays: boolean;
  severity: Place[];
  labels: Map<string, Place[]>;
  /** Empty where the title and labels identify an alert. */
  fingerprint: Place[];
  /** Those labels. */
  identity: string[];
  /** Empty where each alert is a group of its own. */
  group: Place[];
  startedAt: Place[];
  at: Place[];
  deliveryId: Place[];
  /** The operator's words for the statuses. */
  words: Map<string, AlertStatus>;
  severities: Map<string, Severity>;
}

export interface ReadingOptions {
  source: ConfiguredSource;
  settings: WebhookSettings;
  samples: readonly ToldSample[];
  shape: Shape;
}

export function readingOf({ source, settings, samples, shape }: ReadingOptions): Reading {
  const words = ownWords(settings);
  const probed = probe({ source, samples, shape, words: new Map([...statusWords, ...words]) });
  const set = (path: Path | undefined) => (path === undefined ? [] : placesAt(path, samples, shape));
  const chain = (part: Part, path?: Path, names: readonly string[] = []) =>
    distinct([...set(path), ...inOrder(probed.get(part) ?? [], names)]);
  const title = chain('title', settings.title, usualNames.title);
  const status = chain('status', settings.status, [...usualNames.status, ...usualNames.event]);
  const flagPlace = probed.get('flag')?.[0];
  const flag = flagPlace && { place: flagPlace, whenTrue: whenTrue(flagPlace, samples) };
  const said = [...status, ...(flagPlace ? [flagPlace] : [])];
  const fingerprint = chain('fingerprint', settings.fingerprint, usualNames.fingerprint);
  const labels = labelsOf(samples, settings, set, probed);
  return {
    samples,
    shape,
    title,
    pieces: piecesOf(probed.get('piece of the title') ?? [], title, samples),
    message: messageOf(chain('message', settings.message, usualNames.message), title, samples),
    link: chain('link', settings.link, usualNames.link),
    status,
    flag,
    titleSays: samples.some((_, at) => !said.some(({ values }) => isSomething(values[at]))),
    severity: severityOf(chain('severity', settings.severity, usualNames.severity), status, samples, source.severity),
    labels,
    fingerprint,
    identity: fingerprint.length > 0 ? [] : identityOf(samples, labels),
    group: chain('group', settings.key, usualNames.group),
    startedAt: set(settings.startedAt),
    at: set(settings.at),
    deliveryId: set(settings.deliveryId),
    words,
    severities: new Map(Object.entries(source.severity)),
  };
}

/** In the alert, and beside it where that has something which some alert lacks. */
function placesAt(path: Path, samples: readonly ToldSample[], shape: Shape): Place[] {
  const inAlert = placeAt('alert', path, samples);
  if (shape.kind === 'whole') return [inAlert];
  const beside = placeAt('payload', path, samples);
  const isBeside = beside.values.some((value, at) => isSomething(value) && !isSomething(inAlert.values[at]));
  if (!isBeside) return [inAlert];
  return inAlert.values.some(isSomething) ? [inAlert, beside] : [beside];
}

export function placeAt(of: Place['of'], path: Path, samples: readonly ToldSample[]): Place {
  return { of, path, values: samples.map((sample) => readAt(sample[of], path)) };
}

function isSomething(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

/** As the source looks for them: the outer ones first, then by their names. */
function inOrder(fields: readonly Field[], names: readonly string[]): Place[] {
  const rank = ({ path }: Field) => {
    const at = names.indexOf(plainWord(path.at(-1) ?? ''));
    return at < 0 ? names.length : at;
  };
  return fields.toSorted((left, right) => left.path.length - right.path.length || rank(left) - rank(right));
}

function distinct(places: readonly Place[]): Place[] {
  const seen = new Set<string>();
  return places.filter(({ of, path }) => {
    const key = JSON.stringify([of, path]);
    return !seen.has(key) && seen.add(key);
  });
}

function whenTrue({ values }: Place, samples: readonly ToldSample[]): AlertStatus {
  const at = values.findIndex((value) => typeof value === 'boolean');
  const { status } = samples[at]?.told ?? { status: 'firing' as const };
  return (status === 'resolved') === values[at] ? 'resolved' : 'firing';
}

/** In the order in which the title has them. */
function piecesOf(pieces: readonly Place[], title: readonly Place[], samples: readonly ToldSample[]): Place[] {
  const at = samples.findIndex((_, index) => !title.some(({ values }) => isSomething(values[index])));
  const told = samples[at]?.told.data.title ?? '';
  return pieces
    .filter(({ values }) => told.includes(String(values[at])))
    .toSorted((left, right) => told.indexOf(String(left.values[at])) - told.indexOf(String(right.values[at])));
}

/** A long title is the message too. */
function messageOf(places: Place[], title: readonly Place[], samples: readonly ToldSample[]): Place[] {
  const without = samples.filter((_, at) => !places.some(({ values }) => isSomething(values[at])));
  const [first] = title;
  const isTitle =
    first !== undefined &&
    without.length > 0 &&
    without.every(
      ({ told }) =>
        told.data.message !== '' &&
        first.values[samples.findIndex((sample) => sample.told === told)] === told.data.message,
    );
  return isTitle ? [...places, first] : places;
}

/** A status is read for it only where that tells how bad it is, and nothing else does. */
function severityOf(
  places: Place[],
  status: readonly Place[],
  samples: readonly ToldSample[],
  mapping: Readonly<Record<string, Severity>>,
): Place[] {
  const keys = new Set(status.map(({ of, path }) => JSON.stringify([of, path])));
  const own = places.filter(({ of, path }) => !keys.has(JSON.stringify([of, path])));
  const isNeeded = samples.some(({ told }, at) => {
    if (own.some(({ values }) => isSomething(values[at]))) return false;
    const word = status.map(({ values }) => values[at]).find(isSomething);
    return told.severity !== 'unknown' || (word !== undefined && Object.hasOwn(mapping, String(word)));
  });
  return isNeeded ? distinct([...own, ...status]) : own;
}

function labelsOf(
  samples: readonly ToldSample[],
  settings: WebhookSettings,
  set: (path: Path) => Place[],
  probed: ReadonlyMap<Part, readonly Field[]>,
): Map<string, Place[]> {
  const { labels } = settings;
  if (labels !== undefined && !isPath(labels)) {
    return new Map(Object.entries(labels).map(([name, path]) => [name, set(path)]));
  }
  return new Map(namesInOrder(samples).map((name) => [name, [...(probed.get(`label:${name}`) ?? [])]]));
}

function isPath(labels: Path | Record<string, Path>): labels is Path {
  return Array.isArray(labels);
}

/** The names of labels, each after those that stand before it in any sample. */
function namesInOrder(samples: readonly ToldSample[]): string[] {
  const names: string[] = [];
  for (const { told } of samples) {
    let after = -1;
    for (const name of Object.keys(told.labels)) {
      if (!names.includes(name)) names.splice(after + 1, 0, name);
      after = names.indexOf(name);
    }
  }
  return names;
}

/** The labels that are part of the identity where a title alone is none. */
function identityOf(samples: readonly ToldSample[], labels: ReadonlyMap<string, Place[]>): string[] {
  const named = samples.flatMap(({ told }) => Object.keys(identityIn(told.fingerprint)));
  if (named.length > 0) return [...labels.keys()].filter((name) => named.includes(name));
  const isLong = samples.some(({ told }) => told.fingerprint.includes('…'));
  const identifies = (name: string, { path, values }: Place) =>
    values.some((value) => isIdentifying({ name, word: plainWord(String(path.at(-1))), value }));
  return isLong
    ? [...labels].filter(([name, places]) => places.some((place) => identifies(name, place))).map(([name]) => name)
    : [];
}

function identityIn(fingerprint: string): object {
  try {
    const read: unknown = JSON.parse(fingerprint);
    return isObject(read) ? read : {};
  } catch {
    return {};
  }
}
