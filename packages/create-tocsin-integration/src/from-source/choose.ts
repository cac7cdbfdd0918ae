import { exactJson, TocsinError } from '@tocsin/core';
import { isObject } from '../draft/samples.ts';
import { type ConfiguredSource, readAlerts } from './configured.ts';
import { pairOf, statusOf } from './examples.ts';
import { type ReadRequest, type Shape, shapeOf } from './samples.ts';
import type { WebhookSettings } from './settings.ts';

/** Requests that a package is drafted from, and why others are not among them. */
export interface Chosen {
  requests: ReadRequest[];
  shape: Shape;
  leftOut: string[];
}

const most = 5;

/** Of the newest those that differ: one that fires and one that ends the same, then others of another shape or status. */
export function chooseRequests(source: ConfiguredSource, { alerts: at }: WebhookSettings): Chosen {
  const leftOut: string[] = [];
  const read: (ReadRequest & { shape: Shape })[] = [];
  for (const { id, body: text, receivedAt } of source.requests) {
    const name = `request ${id}`;
    const body = parsed(text);
    const shape = shapeOf(body, at);
    const alerts = shape ? readAlerts(source, body) : [];
    if (body === undefined) leftOut.push(`${name}: its body is longer than what is kept of one, or no JSON`);
    else if (!shape || alerts.length === 0)
      leftOut.push(`${name}: its alerts are no JSON objects, or can't be read now`);
    else read.push({ name, body, receivedAt, alerts, shape });
  }
  const [first] = read;
  if (!first) throw nothingToRead(source, leftOut);
  const isAlike = ({ shape }: { shape: Shape }) => shape.kind === first.shape.kind;
  for (const { name } of read.filter((one) => !isAlike(one)))
    leftOut.push(`${name}: its alerts stand elsewhere than in ${first.name}`);
  const alike = read.filter(isAlike);
  const { firing, resolved } = pairOf(alike);
  const chosen: ReadRequest[] = [firing, resolved].filter((request) => request !== undefined);
  const seen = new Set(chosen.map(kindOf));
  for (const request of alike) {
    if (chosen.length >= most || seen.has(kindOf(request))) continue;
    seen.add(kindOf(request));
    chosen.push(request);
  }
  return { requests: chosen, shape: first.shape, leftOut };
}

function nothingToRead({ id, requests }: ConfiguredSource, leftOut: readonly string[]): TocsinError {
  const why = requests.length === 0 ? 'no request is stored that it took' : leftOut.join('; ');
  return new TocsinError('not-found', `there is nothing of ${id} to draft from: ${why}`, {
    remedy: `Let its system send an alert, or post one (\`tocsin send ${id} --title "Disk full"\`): one in ten seconds is kept.`,
  });
}

/** What a request shows that others may not: its fields and its status. */
function kindOf(request: ReadRequest): string {
  return JSON.stringify([statusOf(request), keysOf(request.body).sort()]);
}

function keysOf(value: unknown): string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap((inner) => keysOf(inner)))];
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...keysOf(inner).map((name) => `${key}.${name}`)]);
}

function parsed(text: string): unknown {
  try {
    return exactJson(text);
  } catch {
    return undefined;
  }
}
