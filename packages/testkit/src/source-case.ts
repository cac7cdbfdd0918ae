import {
  type Alert,
  type Fault,
  media,
  type Normalised,
  type Notification,
  type NotificationInput,
  normalise,
  renderNotification,
  type SourceIntegration,
  type SourceRequest,
  type SourceTemplates,
  type Template,
  type TemplateField,
} from '@tocsin/core';
import { notificationsOf } from './notification.ts';
import type { Origin } from './origin.ts';
import { wordingFaults } from './wording.ts';

/** What stands in `<case>.expected.json`: the origin and the settings are written by hand, the rest by `--update`. */
export interface ExpectedSource {
  origin: Origin;
  /** Of the source, where the example needs some. */
  settings?: unknown;
  alerts: ExpectedAlert[];
  /** Alerts of the example that can't be read. */
  rejected?: Fault[];
  /** One for each group. */
  notifications: ExpectedNotification[];
}

/** Times as ISO 8601. The payload is not repeated. */
export type ExpectedAlert = Omit<Alert, 'source' | 'data' | 'startedAt' | 'at' | 'expires'> &
  Partial<Record<'startedAt' | 'at' | 'expires', string>>;

export interface ExpectedNotification {
  group: string;
  link?: string;
  image?: string;
  /** By medium; the message as its lines. */
  texts: Record<string, { headline: string; title: string; message: string[] }>;
}

/** An example, run. */
export interface SourceCase {
  body: unknown;
  alerts: Alert[];
  inputs: NotificationInput[];
  /** When it is as if received, in milliseconds since 1970. */
  receivedAt: number;
  expected: Omit<ExpectedSource, 'origin' | 'settings'>;
  /** What is wrong with the texts, whatever is expected: failed renders, traces of missing values. */
  faults: string[];
  /** Templates, as file names, that gave a text. */
  used: Set<string>;
  /** The alerts of the same request, received a minute later. */
  repeat: () => Alert[];
  /** What the source makes of another body. */
  read: (body: unknown) => Normalised;
}

/** Runs an example's body through the source, for each group and in every medium. */
export function runSourceCase(
  integration: SourceIntegration,
  rawBody: string,
  body: unknown,
  given: { settings?: unknown; origin?: Partial<Origin> },
): SourceCase {
  const { definition, id } = integration;
  const settings = definition.settings ? definition.settings.parse(given.settings ?? {}) : {};
  const request = requestOf(rawBody);
  const run = (receivedAt: number, given = body) =>
    normalise(definition, given, request, { source: id, settings, receivedAt });
  // A minute after the last thing that it tells of, so that nothing depends on the day of the test.
  const times = run(farAhead).alerts.flatMap(({ startedAt, at }) => [startedAt ?? 0, at ?? 0]);
  const latest = Math.max(0, ...times);
  const receivedAt = latest > 0 ? latest + 60_000 : Date.parse(given.origin?.date ?? '') || Date.UTC(2026, 0, 15);
  const { alerts, rejected } = run(receivedAt);

  const faults: string[] = [];
  const own = JSON.stringify(alerts);
  const used = new Set<string>();
  const templates = recorded(integration.templates, used);
  const inputs = notificationsOf(alerts, receivedAt);
  const notifications = inputs.map((input): ExpectedNotification => {
    const texts: ExpectedNotification['texts'] = {};
    let last: Notification | undefined;
    for (const medium of Object.keys(media) as (keyof typeof media)[]) {
      last = renderNotification(
        input,
        templates,
        { medium, limits: {} },
        {
          now: receivedAt,
          onProblem: (problem) => faults.push(problem.toText()),
        },
      );
      texts[medium] = { headline: last.headline, title: last.title, message: last.message.split('\n') };
      faults.push(...wordingFaults(last, own));
    }
    return {
      group: input.group.key,
      ...(last?.link && { link: last.link }),
      ...(last?.image && { image: last.image }),
      texts,
    };
  });
  const expected = {
    alerts: alerts.map(expectedAlert),
    ...(rejected.length > 0 ? { rejected } : {}),
    notifications,
  };
  return {
    body,
    alerts,
    inputs,
    receivedAt,
    expected,
    faults,
    used,
    repeat: () => run(receivedAt + 60_000).alerts,
    read: (other) => run(receivedAt, other),
  };
}

/** How an example's body arrives. */
export function requestOf(rawBody: string): SourceRequest {
  return { method: 'POST', path: '', query: {}, headers: { 'content-type': 'application/json' }, rawBody };
}

/** The year 9999: later than what any clock says, so that nothing is moved. */
const farAhead = Date.UTC(9999, 0);

function expectedAlert({ source, data, startedAt, at, expires, ...alert }: Alert): ExpectedAlert {
  const all = { ...alert, startedAt: isoTime(startedAt), at: isoTime(at), expires: isoTime(expires) };
  return JSON.parse(JSON.stringify(all)) as ExpectedAlert; // leaves out what is undefined
}

function isoTime(time: number | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString();
}

/** The templates, which note their file's name in `used` when they give a text. */
function recorded(templates: SourceTemplates, used: Set<string>): SourceTemplates {
  const record = (name: string, { render, renderMarkdown, ...template }: Template): Template => ({
    ...template,
    render: (context, options) => {
      const text = render(context, options);
      if (text.trim() !== '') used.add(name);
      return text;
    },
    renderMarkdown: (context, options) => {
      const tree = renderMarkdown(context, options);
      if (tree.children.length > 0) used.add(name);
      return tree;
    },
  });
  const { overrides, ...plain } = templates;
  const recordAll = <Fields extends Partial<Record<TemplateField, Template>>>(fields: Fields, ending: string): Fields =>
    // The same fields with templates of the same shape.
    Object.fromEntries(
      Object.entries(fields).map(([field, template]) => [field, record(field + ending, template)]),
    ) as Fields;
  const own = Object.entries(overrides).map(([medium, fields]) => [medium, recordAll(fields, `.${medium}.hbs`)]);
  return { ...recordAll(plain, '.hbs'), overrides: Object.fromEntries(own) };
}

/** The file names of a source's templates. */
export function templateNames({ templates: { overrides, ...plain } }: SourceIntegration): string[] {
  const own = Object.entries(overrides).flatMap(([medium, fields]) =>
    Object.keys(fields).map((field) => `${field}.${medium}.hbs`),
  );
  return [...Object.keys(plain).map((field) => `${field}.hbs`), ...own];
}
