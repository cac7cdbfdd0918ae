import { z } from '@tocsin/core';

/** https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#required-attributes */
const cloudEvent = z.looseObject({
  specversion: z.literal('1.0'),
  id: z.string().min(1),
  source: z.string().min(1),
  type: z.string().min(1),
  time: z.string().optional(),
  data: z.unknown().optional(),
});

export type CloudEvent = z.infer<typeof cloudEvent>;

/** A batch, one event, or the data of an event whose attributes are headers: by the body, whatever its content type says. */
export const payload = z.unknown().transform((body, context): { events: CloudEvent[] } | { data: unknown } => {
  if (!Array.isArray(body) && !isEvent(body)) return { data: body };
  const read = z.array(cloudEvent).safeParse(Array.isArray(body) ? body : [body], { error: wording });
  if (read.success) return { events: read.data };
  for (const { path, message } of read.error.issues) {
    context.addIssue({ code: 'custom', path: Array.isArray(body) ? path : path.slice(1), message });
  }
  return z.NEVER;
});

/** The events of a request. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md */
export function eventsOf(body: z.infer<typeof payload>, headers: Readonly<Record<string, string>>): CloudEvent[] {
  if ('events' in body) return body.events;
  const attributes = Object.entries(headers)
    .filter(([name]) => name.startsWith('ce-'))
    .map(([name, value]) => [name.slice('ce-'.length), decoded(value)]);
  if (attributes.length === 0) {
    throw new TypeError('this is no CloudEvent: the body has no `specversion`, and the headers no `ce-specversion`');
  }
  const datacontenttype = headers['content-type'];
  const event = { ...Object.fromEntries(attributes), ...(datacontenttype && { datacontenttype }), data: body.data };
  const read = cloudEvent.safeParse(event, { error: wording });
  if (read.success) return [read.data];
  const faults = read.error.issues.map(({ path, message }) => `header ce-${path.join('.')} ${message}`);
  throw new TypeError(faults.join('; '));
}

/** The data of an event may have a `type` as well, but not both. */
function isEvent(body: unknown): boolean {
  if (body === null || typeof body !== 'object') return false;
  return 'specversion' in body || ('type' in body && 'source' in body);
}

function wording({ input }: { input?: unknown }): string | undefined {
  return input === undefined ? 'is missing' : undefined;
}

/** Beyond printable ASCII the values are percent-encoded; a lone percent sign is itself. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
