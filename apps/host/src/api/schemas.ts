import { alertStatuses, eventKinds, severities } from '@tocsin/core';
import { z } from 'zod';
import { deliveryStates } from './delivery-state.ts';

/** The components of the OpenAPI document. Not zod's global registry: installed integrations write into that. */
export const apiSchemas = z.registry<{ id?: string; description?: string; format?: string; writeOnly?: boolean }>();

/** The schema with a sentence for the reader of the document. */
export function described<Schema extends z.ZodType>(schema: Schema, description: string): Schema {
  const copy = schema.clone() as Schema; // `clone` loses the subtype
  apiSchemas.add(copy, { description });
  return copy;
}

/** The same of what is only ever sent here: no answer has it. */
export function writtenOnly<Schema extends z.ZodType>(schema: Schema, description: string): Schema {
  const copy = schema.clone() as Schema; // `clone` loses the subtype
  apiSchemas.add(copy, { description, format: 'password', writeOnly: true });
  return copy;
}

/** The schema under a name of its own in the document. */
function component<Schema extends z.ZodType>(id: string, schema: Schema, description: string): Schema {
  apiSchemas.add(schema, { id, description });
  return schema;
}

export const time = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
apiSchemas.add(time, {
  id: 'Time',
  format: 'date-time',
  description: 'A point in time as ISO 8601 in UTC, with milliseconds: `2026-03-01T08:00:00.000Z`.',
});
const severity = component('Severity', z.enum(severities), 'From worst to mildest.');
export const groupStatuses = ['firing', 'acknowledged', 'silenced', 'resolved'] as const;
export const groupStatus = component(
  'GroupStatus',
  z.enum(groupStatuses),
  'Follows from the facts: resolved, else silenced, else acknowledged, else firing.',
);
export const eventKind = component(
  'EventKind',
  z.enum(eventKinds),
  '`updated` is a change within the status; a `notice` has no state.',
);
export const labels = component(
  'Labels',
  z.record(z.string(), z.string()),
  "The vendor's labels, unchanged, and those that the operator added.",
);
export const count = z.int().min(0);
export const milliseconds = z.number();
/** Whatever JSON there is. `z.json()` refers to itself, which the generator of the document can't name. */
export const anyJson = z.unknown();

export const groupShape = component(
  'Group',
  z.object({
    id: z.string(),
    source: described(z.string(), 'The id of the configured source.'),
    key: described(z.string(), 'What the source calls one problem.'),
    status: groupStatus,
    severity: described(severity, 'The worst among the firing alerts; once resolved, the worst there was.'),
    labels: described(labels, "Of the group's worst alert."),
    firing: described(count, 'Alerts that fire now.'),
    firingBySeverity: z.record(severity, count),
    memberCount: described(count, 'Alerts that ever fired in this group.'),
    eventCount: described(count, 'The number of the last event.'),
    incarnation: described(count, '1 for the first firing, one more for each re-opening; 0 while only notices came.'),
    startedAt: time,
    updatedAt: time,
    resolvedAt: time.nullable(),
    acknowledged: z.object({ by: z.string(), at: time.nullable() }).nullable(),
    silenced: z
      .object({ by: z.string().nullable(), until: described(time.nullable(), 'Null: until someone ends it.') })
      .nullable(),
    previous: described(z.string().nullable(), 'The group of the last episode with this key.'),
    url: described(z.url(), "The group's page."),
  }),
  'One episode of a source’s alerts with the same key, from the first firing to the resolution.',
);

const changedAlert = z.object({
  fingerprint: z.string(),
  status: z.enum(['firing', 'resolved']),
  severity,
  labels,
  startedAt: time,
  resolvedAt: time.nullable(),
});

export const eventShape = component(
  'Event',
  z.object({
    number: described(z.int().min(1), 'From 1, without gaps. The order is this number, never a time.'),
    kind: eventKind,
    at: described(time, 'When it was decided, by this host’s clock.'),
    vendorAt: described(time.nullable(), 'The vendor’s time of it.'),
    actor: described(z.string().nullable(), 'A token’s name or a vendor’s user; null where the source itself spoke.'),
    comment: z.string().nullable(),
    incarnation: count,
    worse: described(z.boolean(), 'A change for the worse: told anew.'),
    quiet: described(z.boolean(), 'For the log only; nobody is told.'),
    after: described(
      z.object({ status: groupStatus, severity, firing: count, members: count }),
      'The group just after.',
    ),
    changed: described(z.array(changedAlert), 'Up to ten alerts that changed.'),
  }),
  'One entry of a group’s log.',
);

export const memberShape = component(
  'Member',
  z.object({
    fingerprint: z.string(),
    status: described(z.enum(['firing', 'resolved', 'notice']), '`notice`: it never fired, it was only mentioned.'),
    severity,
    labels,
    startedAt: described(time.nullable(), 'By the vendor, if it says so.'),
    firingSince: described(time, 'By this host’s clock.'),
    resolvedAt: time.nullable(),
    said: described(z.enum(alertStatuses), 'What the vendor’s last signal said.'),
    data: described(anyJson, 'The part of the payload that templates read; null where it is longer than 16 KiB.'),
    dataLength: described(count, 'Characters of `data` as JSON.'),
  }),
  'One alert identity inside a group.',
);

export const deliveryShape = component(
  'Delivery',
  z.object({
    group: z.string(),
    subscription: z.string(),
    target: z.string(),
    address: z.string().nullable(),
    state: described(
      z.enum(deliveryStates),
      '`waiting`: owed at `due`; `sending`: claimed now; `retrying`: an attempt failed, the next is at `due`; `held`: see `held`; `told`: up to date; `given-up`: see `dead`; `idle`: nothing was owed yet.',
    ),
    mode: described(z.enum(['latest', 'every']), 'Whether the newest state is told, or each change in its order.'),
    events: described(z.array(eventKind), 'The kinds that this subscription wants.'),
    wait: described(milliseconds, 'Before the first notice, in milliseconds.'),
    interval: described(milliseconds, 'Least time between updates, in milliseconds.'),
    repeat: described(milliseconds.nullable(), 'Time until a reminder, in milliseconds.'),
    escalation: described(
      z.object({ after: milliseconds, while: groupStatus }).nullable(),
      'It begins only once the group has had this status for so long, in milliseconds.',
    ),
    cursor: described(count, 'The number of the last event that is settled.'),
    told: z.object({ status: groupStatus, at: time }).nullable(),
    ref: described(z.string().nullable(), 'The target’s handle of the message.'),
    due: described(time.nullable(), 'When the next send may happen.'),
    held: described(z.string().nullable(), 'What holds it back until then: a silence, an inhibition, a time interval.'),
    attempt: described(count, 'Failed attempts at the present step.'),
    failingSince: time.nullable(),
    dead: described(z.string().nullable(), 'Why nothing more is tried.'),
  }),
  'How far one subscription has been told about one group.',
);

const headers = z.record(z.string(), z.string());

export const attemptShape = component(
  'Attempt',
  z.object({
    id: z.int(),
    group: z.string(),
    subscription: z.string(),
    target: z.string(),
    event: described(count, 'The number of the event that it was about.'),
    startedAt: time,
    duration: described(milliseconds, 'In milliseconds.'),
    outcome: z.enum(['delivered', 'retry', 'refused', 'released', 'disabled']),
    reason: z.string().nullable(),
    request: described(
      z.object({ method: z.string(), url: z.string(), headers, body: z.string() }).nullable(),
      'As it was sent; secrets stand in it as references.',
    ),
    response: z.object({ status: z.int(), headers, body: z.string() }).nullable(),
    error: described(z.string().nullable(), 'Why it failed before or without an answer.'),
  }),
  'One try at a delivery.',
);

export const testedShape = component(
  'TestedTarget',
  z.object({
    outcome: z.enum(['delivered', 'retry', 'refused', 'released', 'disabled']),
    reason: z.string().nullable(),
    setUp: described(z.string().nullable(), 'What is wrong with the set-up, and what to do.'),
    duration: described(milliseconds, 'In milliseconds.'),
    request: described(
      z.object({ method: z.string(), url: z.string(), headers, body: z.string() }).nullable(),
      'As it was sent; secrets stand in it as references.',
    ),
    response: z.object({ status: z.int(), headers, body: z.string() }).nullable(),
    problems: described(z.array(z.string()), 'Templates that failed.'),
  }),
  'How the test of a target went.',
);

export const storedRequestShape = component(
  'StoredRequest',
  z.object({
    id: z.int(),
    source: z.string(),
    receivedAt: time,
    reason: described(
      z.string().nullable(),
      'What was wrong, with the path of each fault; null for one that was read.',
    ),
    path: described(z.string(), 'What followed the source’s address.'),
    contentType: z.string(),
    body: described(z.string(), 'Its first 16 KiB.'),
  }),
  'A request with a right key: of each source the last hundred that couldn’t be read are kept, and ten of the others.',
);

export const deadLetterShape = component(
  'DeadLetter',
  z.object({
    id: z.int(),
    group: z.string(),
    subscription: z.string(),
    target: z.string(),
    event: described(count, 'The number of the event that was not told.'),
    cause: described(z.string(), 'In few words that many have in common: `HTTP 404`, `expired: HTTP 503`, `crashed`.'),
    reason: z.string(),
    at: described(time, 'When it was given up.'),
    retriedAt: described(time.nullable(), 'When somebody had it tried again.'),
  }),
  'What one subscription was not told of one group, because it was given up.',
);

export const deadCauseShape = component(
  'DeadCause',
  z.object({ target: z.string(), cause: z.string(), count: z.int().min(1), first: time, last: time }),
  'What was given up of one target for one cause, and not tried again.',
);

export const silenceShape = component(
  'Silence',
  z.object({
    id: z.string(),
    state: described(z.enum(['pending', 'active', 'expired']), '`pending`: it has not begun.'),
    matchers: described(z.array(z.string()), 'All of them must hold: `severity="warning"`.'),
    startsAt: time,
    endsAt: time,
    comment: z.string(),
    author: described(z.string(), 'A token’s name.'),
  }),
  'Messages about alerts that match are held back from its start to its end.',
);

export const channelShape = component(
  'Channel',
  z.object({
    id: z.string(),
    origin: described(z.enum(['file', 'api']), '`file`: it stands in the config file, and only that changes it.'),
    match: described(z.array(z.string()), 'All of them must hold; none: it takes everything.'),
    subscriptions: described(
      z.array(
        z.object({
          name: described(z.string(), 'One of its channel; `states:ops` is what `states` tell the target `ops`.'),
          target: z.string(),
          address: described(z.string().nullable(), 'Whom the target tells; may hold labels.'),
          events: z.array(eventKind),
        }),
      ),
      'Who is told what, each on its own.',
    ),
    written: described(
      z.record(z.string(), z.unknown()).nullable(),
      'As it was sent; null for one of the config file.',
    ),
    author: described(z.string().nullable(), 'Who changed it last: a token’s name.'),
    changedAt: time.nullable(),
    problems: described(
      z.array(z.object({ path: z.string(), message: z.string() })),
      'Parts that have no effect now, such as a target that the config has no more.',
    ),
  }),
  'A named set of subscriptions with matchers of its own, beside the routes.',
);

const secretNames = {
  name: z.string(),
  key: z.string(),
  reference: described(z.string(), 'As settings have it: `${secret:slack/ops}`.'),
  users: described(z.array(z.string()), 'The targets whose settings refer to it.'),
};

export const secretShape = component(
  'Secret',
  z.object({
    ...secretNames,
    hosts: described(z.array(z.string()), 'Who may get it; `*` for any host.'),
    targets: described(z.array(z.string()), 'Which targets may use it; `*` for any.'),
    isReadable: described(z.boolean(), 'False: it lies under a key that the host doesn’t have, or was changed.'),
    author: described(z.string(), 'Who set it last: a token’s name.'),
    createdAt: time,
    updatedAt: time,
  }),
  'A secret of the store, without its value, which is never told.',
);

export const secretListShape = component(
  'SecretList',
  z.object({
    items: z.array(secretShape),
    missing: described(z.array(z.object(secretNames)), 'Those that settings refer to and nobody has set.'),
  }),
  'All secrets of the store, by name and key.',
);

export const rotatedShape = component(
  'RotatedSecrets',
  z.object({
    resealed: described(count, 'How many were put under the newest key.'),
    total: count,
    unreadable: described(z.array(z.string()), 'Those that couldn’t be, as they don’t open.'),
  }),
  'What became of the secrets when they were put under the newest key.',
);

export const targetShape = component(
  'TargetState',
  z.object({
    id: z.string(),
    integration: z.string(),
    state: described(
      z.enum(['open', 'paused', 'disabled']),
      '`paused`: it asked for no request before `until`; `disabled`: it said that it is no more, and gets nothing until somebody enables it or its settings change.',
    ),
    until: time.nullable(),
    reason: described(z.string().nullable(), 'What it said when it was disabled.'),
    since: described(time.nullable(), 'When it was disabled.'),
  }),
  'A target of the config, and what it said of everything that goes to it.',
);

export const installationShape = component(
  'Installation',
  z.object({
    id: described(z.string(), 'The vendor’s id of the workspace.'),
    name: z.string(),
    scopes: described(z.array(z.string()), 'What was allowed.'),
    author: described(z.string(), 'Who installed it last.'),
    installedAt: time,
    endedAt: described(time.nullable(), 'When the workspace let the app go; nothing is sent there from then on.'),
    reason: described(z.string().nullable(), 'What its vendor said then.'),
  }),
  'A workspace that has let the app of a target in.',
);

export const placeShape = component(
  'Place',
  z.object({
    id: described(z.string(), 'The vendor’s; it stays when the name changes.'),
    name: z.string(),
    address: described(z.string(), 'What a subscription gives as `address`.'),
    isPrivate: z.boolean(),
    isMember: described(z.boolean(), 'Whether the app is in it.'),
    isArchived: z.boolean(),
    hint: described(z.string().nullable(), 'What is in the way of messages there.'),
  }),
  'Where messages of an app can go.',
);

export const failureShape = component(
  'Failure',
  z.object({
    error: z.object({
      code: described(z.string(), 'For programs.'),
      message: described(z.string(), 'What happened, where, and why.'),
      remedy: described(z.string(), 'What to do.').optional(),
      faults: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    }),
  }),
  'Why a request isn’t answered as asked.',
);

/** One page of a list. */
export function pageOf<Item extends z.ZodType>(id: string, item: Item) {
  return component(
    id,
    z.object({
      items: z.array(item),
      next: described(z.string().nullable(), 'Continues the list when sent as `after`; null at its end.'),
    }),
    'One page of a list.',
  );
}

/** An object of parameters or of a body. What isn't known is refused, with what is known. */
export function closed<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? `unknown: ${issue.keys.join(', ')}; known: ${known}` : undefined,
  });
}

/** `limit` and `after`. */
export function paging(most: number, usual: number) {
  return {
    limit: described(z.coerce.number().int().min(1).max(most).default(usual), 'Items of one page.'),
    after: described(
      z.string().regex(/^\d{1,16}$/, 'is no `next` of a page before'),
      'The `next` of the page before.',
    ).optional(),
  };
}

export const deliveryPage = pageOf('DeliveryPage', deliveryShape);
