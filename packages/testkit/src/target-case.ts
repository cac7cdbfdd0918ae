import { join } from 'node:path';
import {
  formatRequest,
  type HttpRequest,
  type HttpResponse,
  impossibleHeaders,
  type MediumName,
  mediumOf,
  type Notification,
  type NotificationInput,
  nextRequest,
  renderNotification,
  type SourceTemplates,
  type TargetIntegration,
} from '@tocsin/core';
import { readAnswers } from './check-answers.ts';
import { listFolders, parseJson, readText } from './files.ts';
import { offerOf } from './offer.ts';
import { bodyFaults, wordingFaults } from './wording.ts';

/** A target with the settings of its examples. */
export interface ReadyTarget {
  integration: TargetIntegration;
  settings: unknown;
  /** The handle that an answer of its examples gives: what follows a first notification is told with it. */
  ref?: string;
}

/**
 * Where a target's examples are: in `examples`, and in each folder there, such as `examples/app`, where all is told again
 * with other settings.
 */
export async function exampleSets(folder: string): Promise<string[]> {
  const folders = await listFolders(join(folder, 'examples'));
  return ['examples', ...folders.map((name) => `examples/${name}`)];
}

/** Throws if the settings of a set of examples are missing or not what the target's schema takes. */
export async function readyTarget(integration: TargetIntegration, examples = 'examples'): Promise<ReadyTarget> {
  const file = `${examples}/settings.json`;
  const text = await readText(integration.folder, file);
  if (text === undefined) throw new Error(`${file} is missing`);
  const parsed = integration.definition.settings.safeParse(parseJson(text, file));
  if (parsed.success) {
    // What is wrong with them the rule `answers` says.
    const answers = await readAnswers(integration.folder, examples).catch(() => []);
    return { integration, settings: parsed.data, ref: answers.find(({ expected }) => expected.ref)?.expected.ref };
  }
  throw new Error(
    `${file}: ${parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}`,
  );
}

export interface TargetCase {
  medium: MediumName;
  notification: Notification;
  request: HttpRequest;
  /** The readable text of the request. */
  text: string;
  /** What is wrong with it, whoever the target is. */
  faults: string[];
}

/** What the target would send first for a notification. */
export function runTargetCase(
  { integration: { definition }, settings, ref }: ReadyTarget,
  given: NotificationInput,
  templates: SourceTemplates,
  now: number,
): TargetCase {
  const faults: string[] = [];
  const { limits } = definition;
  const offer = definition.actions?.offered(settings) ? offerOf(given) : undefined;
  const input: NotificationInput = {
    ...given,
    ...(ref !== undefined && isFollowing(given) ? { ref } : {}),
    ...(offer ? { offer } : {}),
  };
  const name = typeof definition.medium === 'function' ? definition.medium(settings) : definition.medium;
  const medium = mediumOf(name);
  const notification = renderNotification(
    input,
    templates,
    { medium: name, limits },
    {
      now,
      onProblem: (problem) => faults.push(problem.toText()),
    },
  );
  const own = JSON.stringify(input);
  faults.push(...wordingFaults(notification, own));
  for (const part of ['title', 'message'] as const) {
    const limit = limits[part];
    const length = medium.length(notification[part]);
    if (limit !== undefined && length > limit) faults.push(`the ${part} is ${length} long, and ${limit} fit`);
  }
  const request = nextRequest(definition, deepFreeze(notification), settings, []);
  if (!request) throw new Error('the target sends nothing');
  faults.push(...bodyFaults(request.body ?? '', headerOf(request, 'content-type'), own));
  if (offer && !`${request.url}\n${request.body}`.includes(offer.handle))
    faults.push('nothing in it brings back the handle of what can be pressed');
  if (definition.auth?.kind === 'standard-webhooks' && headerOf(request, 'webhook-id') === '')
    faults.push('it is signed, and has no header webhook-id');
  for (const header of impossibleHeaders(request)) {
    faults.push(`the header ${JSON.stringify(header)} holds what no header may`);
  }
  return { medium: name, notification, request, text: formatRequest(request), faults };
}

/** Whether the target was told of the group before. */
function isFollowing({ since }: NotificationInput): boolean {
  return since.every(({ number }) => number > 1);
}

/** The texts in a request's body: of its JSON, its form, or the body as it is. */
export function wordsOf(request: HttpRequest): string[] {
  const { body = '' } = request;
  const type = headerOf(request, 'content-type');
  if (/[/+]json\b/.test(type)) return stringsIn(JSON.parse(body));
  return /x-www-form-urlencoded/.test(type) ? [...new URLSearchParams(body).values()] : [body];
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(stringsIn) : [];
}

/** The answers that every vendor gives at some time, and what they must lead to. */
export function outcomeFaults(
  { integration: { definition }, settings }: ReadyTarget,
  outcomeOf: (response: HttpResponse) => { outcome: string; after?: number },
): string[] {
  const outcome = (response: HttpResponse) =>
    definition.outcome ? definition.outcome(response, settings) : outcomeOf(response);
  const answer = (status: number, headers: Record<string, string> = {}): HttpResponse => ({
    status,
    headers,
    body: '',
  });
  const faults: string[] = [];
  for (const status of [500, 502, 503]) {
    if (outcome(answer(status)).outcome !== 'retry') faults.push(`an answer ${status} is not tried again`);
  }
  const limited = outcome(answer(429, { 'retry-after': '30' }));
  if (limited.outcome !== 'retry') faults.push('an answer 429 is not tried again');
  else if (limited.after !== 30_000) faults.push('the Retry-After of an answer 429 is not kept');
  if (outcome(answer(400)).outcome !== 'refused') faults.push('an answer 400 is not a refusal');
  return faults;
}

function headerOf(request: HttpRequest, name: string): string {
  return Object.entries(request.headers ?? {}).find(([header]) => header.toLowerCase() === name)?.[1] ?? '';
}

function deepFreeze<Value>(value: Value): Value {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
