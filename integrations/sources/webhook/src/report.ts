import {
  type AlertStatus,
  alertStatuses,
  canonicalJson,
  isIdentifying,
  plainWord,
  splitTitle,
  statusWords,
  usualNames,
} from '@tocsin/core';
import { type Field, findField, isScalar, listFields } from './fields.ts';
import { type Path, readPath } from './path.ts';
import type { Settings } from './settings.ts';

/** What one JSON value says, by the operator's paths and, where those give nothing, by the usual usualNames. */
export interface Report {
  status: AlertStatus;
  title: string;
  message: string;
  link: string | undefined;
  severity: string | undefined;
  group: string;
  fingerprint: string;
  labels: Record<string, string>;
  startedAt: string | undefined;
  at: string | undefined;
  deliveryId: string | undefined;
  /** The value itself. */
  body: unknown;
}

export function readReport(body: unknown, whole: unknown, settings: Settings): Report {
  const fields = isScalar(body) ? listFields({ text: body }) : listFields(body);
  const at = (path: Path | undefined) => path && (readPath(body, path) ?? readPath(whole, path));
  const text = (path: Path | undefined) => textOf(at(path));

  const titleField = findField(fields, usualNames.title);
  const fullTitle = text(settings.title) ?? textOf(titleField?.value) ?? '';
  const messageField = findField(
    fields.filter((field) => field !== titleField),
    usualNames.message,
  );
  const linkField = findField(fields, usualNames.link, (field) => /^https?:\/\//i.test(String(field.value)));
  const statusField = findField(fields, [...usualNames.status, ...usualNames.event], (field) => {
    return typeof field.value === 'string' && readStatus(field.value, settings) !== undefined;
  });
  const flagField = fields.find(isFlag);
  const severityField = findField(fields, usualNames.severity);
  const groupField = findField(fields, usualNames.group);
  const shown = new Set([titleField, messageField, linkField, statusField, flagField, groupField]);
  const rest = fields.filter((field) => !shown.has(field));
  const labels = settings.labels ? readLabels(settings.labels, at) : labelsOf(rest);
  const identity = settings.labels ? labels : labelsOf(rest.filter(isIdentifying));

  const firstLine = fullTitle.trim().split('\n', 1)[0] as string;
  const { subject, word } = splitTitle(firstLine || Object.values(identity).slice(0, 3).join(' '));
  const said = text(settings.status) ?? textOf(statusField?.value);
  const fingerprint =
    text(settings.fingerprint) ??
    textOf(findField(fields, usualNames.fingerprint, () => true)?.value) ??
    identityOf(subject, identity);
  return {
    status: readStatus(said ?? (flagField ? flagWord(flagField) : word), settings) ?? 'firing',
    title: subject,
    message: text(settings.message) ?? textOf(messageField?.value) ?? (isWhole(fullTitle) ? '' : fullTitle),
    link: text(settings.link) ?? textOf(linkField?.value),
    severity: text(settings.severity) ?? textOf(severityField?.value) ?? said ?? word,
    group: text(settings.key) ?? textOf(groupField?.value) ?? fingerprint,
    fingerprint,
    labels,
    startedAt: text(settings.startedAt),
    at: text(settings.at),
    deliveryId: text(settings.deliveryId),
    body,
  };
}

/** The operator's words first, then the usual ones; none for a word that nobody knows. */
function readStatus(said: string | undefined, settings: Settings): AlertStatus | undefined {
  if (said === undefined) return undefined;
  const word = plainWord(said);
  for (const status of alertStatuses) if (settings[status]?.some((own) => plainWord(own) === word)) return status;
  return statusWords.get(word);
}

/** `"ok": false` and `"resolved": true` say it too. */
function isFlag({ word, value, depth }: Field): boolean {
  return depth === 0 && typeof value === 'boolean' && flagWord({ word, value }) !== undefined;
}

function flagWord({ word, value }: Pick<Field, 'word' | 'value'>): AlertStatus | undefined {
  const status = statusWords.get(word);
  if (status === 'firing') return value ? 'firing' : 'resolved';
  if (status === 'resolved') return value ? 'resolved' : 'firing';
  return undefined;
}

function readLabels(setting: Path | Record<string, Path>, at: (path: Path) => unknown): Record<string, string> {
  if (isPath(setting)) return labelsOf(listFields(at(setting)));
  return Object.fromEntries(
    Object.entries(setting).flatMap(([name, path]) => {
      const value = textOf(at(path));
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function isPath(setting: Path | Record<string, Path>): setting is Path {
  return Array.isArray(setting);
}

function labelsOf(fields: readonly Field[]): Record<string, string> {
  const labels = new Map<string, string>();
  for (const { name, value } of fields) {
    const text = String(value);
    // Of two with one name the outer one comes first, and stays.
    if (text !== '' && text.length <= longestLabel && !labels.has(name)) labels.set(name, text);
  }
  return Object.fromEntries(labels);
}

/** What is longer is prose. */
const longestLabel = 200;

function identityOf(title: string, labels: Record<string, string>): string {
  return Object.keys(labels).length === 0 ? title : canonicalJson({ title, ...labels });
}

function isWhole(title: string): boolean {
  return title.length <= 100 && !title.trim().includes('\n');
}

function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  return isScalar(value) ? String(value) : JSON.stringify(value);
}
