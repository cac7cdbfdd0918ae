import { z } from 'zod';
import { type Fault, TocsinError } from './errors.ts';
import type { Notification } from './notification.ts';
import { contextOf } from './render.ts';
import { readDotted } from './template/dotted.ts';
import { unrenderable } from './template/fault.ts';
import type { OutputFormat } from './template/output.ts';
import { type Template, templateOf } from './template/template.ts';

/**
 * The body that an operator's template makes of a notification. It is strict: what the template names and the alert
 * lacks fails, with its path, and so does a body that is no JSON where it should be. Values are encoded for where they
 * are put: whatever they hold, they are nothing but that value to the receiver.
 *
 * A path with a leading dot is the vendor's: `{{.data.stage}}` is `{{payload.data.stage}}`. Names without one are ours.
 */
export function payloadBody(source: string, notification: Notification, contentType: string): string {
  const template = templateFor(source);
  const body = template.render(payloadContext(notification), { mode: 'strict', format: formatOf(contentType) });
  if (isJson(contentType) && jsonFault(body) !== undefined) {
    // Not its text: that is the alert's.
    throw unrenderable('template', { file, position: { line: 1, column: 1 } }, 'it gives no JSON', {
      remedy: 'See what it gives with `tocsin render --to <target> --group <id>`, or set another content type.',
    });
  }
  return body;
}

/** A setting that holds such a template. What is wrong with it is said with its line and column. */
export function payloadTemplate() {
  return z
    .string()
    .min(1)
    .max(longest)
    .superRefine((source, context) => {
      for (const { message, line, column } of faultsOf(source)) {
        context.addIssue({ code: 'custom', message, params: { line, column } });
      }
    });
}

/** Why such a template can't give what its content type says, whatever the alert; nothing where it can. */
export function payloadFault(source: string, contentType: string): string | undefined {
  if (faultsOf(source).length > 0) return undefined;
  try {
    const blank = templateFor(source).render({}, { format: formatOf(contentType) });
    const fault = isJson(contentType) ? jsonFault(blank) : undefined;
    return fault && `gives no JSON where nothing is filled in (${fault}); mend it, or set another content type`;
  } catch (error) {
    if (error instanceof TocsinError) return error.message;
    throw error;
  }
}

const longest = 32 * 1024;

const file = 'payload';

/** Parsed once: the same few settings come with every notification. */
const parsed = new Map<string, Template>();
const mostParsed = 64;

function templateFor(source: string): Template {
  const known = parsed.get(source);
  if (known) return known;
  const template = templateOf(readDotted(source, file, { dot: 'payload', names, refuse: refuseSecret }), {
    source,
    file,
  });
  if (parsed.size >= mostParsed) parsed.clear();
  parsed.set(source, template);
  return template;
}

function faultsOf(source: string): Fault[] {
  try {
    templateFor(source);
    return [];
  } catch (error) {
    if (error instanceof TocsinError) return error.faults;
    throw error;
  }
}

/** What people said, and pages that not every alert has, are empty where there are none: their names are right. */
function payloadContext(notification: Notification): Record<string, unknown> {
  const { id, headline, title, message, comment = '', link = '', image = '', address = '' } = notification;
  return { ...contextOf(notification), id, headline, title, message, comment, link, image, address };
}

const names = [
  ...['alert', 'payload', 'group', 'event', 'since'],
  ...['id', 'headline', 'title', 'message', 'comment', 'link', 'image', 'address'],
];

/** As Keptn has them: https://v1.keptn.sh/docs/1.0.x/integrations/webhooks/ */
function refuseSecret(path: string): string | undefined {
  const [, first = '', ...rest] = path.split('.');
  if (rest.length === 0 || (first !== 'env' && first !== 'secret')) return undefined;
  const reference = first === 'env' ? `\${env:${rest[0]}}` : `\${secret:${rest.join('/')}}`;
  return `secrets are references: write \`${reference}\`, or \`payload${path}\` for a field of the alert`;
}

function formatOf(contentType: string): OutputFormat {
  const type = contentType.toLowerCase();
  if (type.includes('json')) return 'json';
  if (type.includes('x-www-form-urlencoded')) return 'form';
  return /[/+](xml|html)\b/.test(type) ? 'xml' : 'text';
}

function isJson(contentType: string): boolean {
  return /[/+]json\b/i.test(contentType);
}

function jsonFault(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
