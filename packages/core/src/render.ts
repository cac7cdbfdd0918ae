import type { TocsinError } from './errors.ts';
import { headlineOf, longestHeadline } from './headline.ts';
import type { SourceTemplates } from './integration.ts';
import { templateFor, type WordingField } from './layers.ts';
import { mediumOf } from './media/media.ts';
import type { MediumName } from './media/medium.ts';
import type { MarkdownBlock, MarkdownRoot } from './media/tree.ts';
import type { Notification, NotificationInput } from './notification.ts';
import type { TargetLimits } from './target.ts';
import { type Place, problemOf } from './template/fault.ts';
import type { Template } from './template/template.ts';
import { plainId } from './text.ts';
import { objectOf } from './vocabulary/object.ts';

export interface NotificationOptions {
  /** Milliseconds since 1970, for `since`. */
  now: number;
  /** IANA name of the time zone for times in texts. Default UTC. */
  zone?: string;
  /** Called with the path of each value that a template names and the alert lacks, and where it is named. */
  onMissing?: (path: string, place: Place) => void;
  /** Called with each render that failed; what is shown then is a safe default. */
  onProblem?: (error: TocsinError) => void;
}

/**
 * The input with its texts, rendered for the target's medium and cut to the target's limits. Never fails because of a
 * template or a payload.
 */
export function renderNotification(
  input: NotificationInput,
  templates: SourceTemplates,
  target: { medium: MediumName; limits: TargetLimits },
  options: NotificationOptions,
): Notification {
  const { now, zone = 'UTC', onMissing } = options;
  const limits = { title: longestTitle, message: longestMessage, ...target.limits };
  const medium = mediumOf(target.medium);
  const context = contextOf(input);
  const renderOptions = { now, zone, onMissing };
  const attempt = <Result>(field: WordingField, render: (template: Template) => Result): Result | undefined => {
    const template = templateFor(templates, field, target.medium);
    if (!template) return undefined;
    try {
      return render(template);
    } catch (error) {
      options.onProblem?.(problemOf(error, template.file));
      return undefined;
    }
  };
  const line = (field: WordingField) => attempt(field, (template) => template.render(context, renderOptions));

  const title = medium.line(line('title') ?? '', limits.title) || medium.line(defaultTitle(input), limits.title);
  const laidOut = (tree: MarkdownRoot) =>
    attempt('layout', (layout) => {
      const text = mediumOf('text').message(tree);
      const insertion = { name: 'message', text, tree };
      return layout.renderMarkdown({ ...context, message: text }, { ...renderOptions, insertion });
    }) ?? tree;
  const render = (tree: MarkdownRoot) => {
    const whole = laidOut(tree);
    const { acknowledgeUrl } = input;
    if (acknowledgeUrl === undefined) return medium.message(whole, limits.message);
    const link = acknowledgeLink(acknowledgeUrl);
    const ended = medium.message({ ...whole, children: [...whole.children, link] });
    if (medium.length(ended) <= limits.message) return ended;
    // What doesn't fit is cut from the end.
    return medium.message({ ...whole, children: [link, ...whole.children] }, limits.message);
  };
  const message =
    attempt('message', (template) => render(template.renderMarkdown(context, renderOptions))) ??
    render(defaultMessage(input));
  const link = pageOf(line('link'));
  const image = pageOf(line('image'));
  // What ended without anybody is in the headline already.
  const { actor, comment } = input.event;
  const said = actor === 'timeout' ? '' : medium.line(comment ?? '', longestComment);
  return {
    ...input,
    id: plainId(input.id),
    headline: medium.line(headlineOf(input, zone), longestHeadline),
    title,
    message,
    ...(said ? { comment: said } : {}),
    ...(link ? { link } : {}),
    ...(image ? { image } : {}),
  };
}

function acknowledgeLink(url: string): MarkdownBlock {
  return { type: 'paragraph', children: [{ type: 'link', url, children: [{ type: 'text', value: 'Acknowledge' }] }] };
}

/** For targets without limits of their own, in the medium's unit: what is longer is read by nobody. */
const longestTitle = 1000;
const longestMessage = 40_000;

/**
 * What templates see: `alert` (the lead, with its `object`), `payload` (its data), `group` with up to ten `alerts`,
 * `event`, `since`.
 */
export function contextOf({ alert, alerts, group, event, since }: NotificationInput): Record<string, unknown> {
  const members = alerts.map(({ data, ...member }) => ({ ...member, object: objectOf(member.labels), payload: data }));
  const { data: payload, ...lead } = alert;
  return {
    alert: { ...lead, object: objectOf(lead.labels) },
    payload,
    group: { ...group, alerts: members },
    event,
    since,
  };
}

/** Labels that say what an alert is about, the best first. */
const titleLabels = ['summary', 'title', 'alertname', 'name'];

function defaultTitle({ alert, group }: NotificationInput): string {
  const label = titleLabels.find((name) => Object.hasOwn(alert.labels, name) && alert.labels[name]?.trim());
  return (label && alert.labels[label]) || group.key;
}

const mostDefaultLabels = 20;

function defaultMessage({ alert }: NotificationInput): MarkdownRoot {
  const labels = Object.entries(alert.labels).slice(0, mostDefaultLabels);
  if (labels.length === 0) return { type: 'root', children: [] };
  const items = labels.map(([name, value]) => ({
    type: 'listItem' as const,
    children: [{ type: 'paragraph' as const, children: [{ type: 'text' as const, value: `${name}: ${value}` }] }],
  }));
  return { type: 'root', children: [{ type: 'list', ordered: false, children: items }] };
}

/** In the medium's unit. */
const longestComment = 300;

/** Browsers and chat programs take longer ones, but some mail programs cut them. */
const longestUrl = 2000;

/** The URL, normalised; none if it is no page that people may be sent to: another scheme, or a user name that disguises the host. */
function pageOf(text: string | undefined): string | undefined {
  const url = text === undefined ? null : URL.parse(text.trim());
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) return undefined;
  return url.username === '' && url.password === '' && url.href.length <= longestUrl ? url.href : undefined;
}
