import { mediumNames, nearest, personActions, type Source, type Target, z } from '@tocsin/core';

const text = z.string().trim().min(1, 'is empty');
const page = z.string().regex(/^https:\/\/\S+$/, 'is no https URL');
const line = text.regex(/^[^\n]*[^\n.]$/, 'is not one line without a full stop');
const call = z.custom((value) => typeof value === 'function', 'is no function');
const schema = z.custom(
  (value) => value !== null && typeof value === 'object' && 'safeParse' in value,
  'is no schema of zod',
);
const asked = z.strictObject({ request: call, read: call });
const count = z.int('is no whole number').positive('is not positive');

// The compiler says when core's contract has a part that isn't here.
const parts = {
  source: {
    kind: z.literal('source'),
    contract: z.int(),
    title: text,
    summary: line,
    docs: page,
    payload: schema,
    settings: schema.optional(),
    alerts: call.optional(),
    status: call,
    exclusive: z.boolean().optional(),
    group: call,
    fingerprint: call,
    labels: call.optional(),
    severity: call.optional(),
    at: call.optional(),
    startedAt: call.optional(),
    deliveryId: call.optional(),
    expires: call.optional(),
    actor: call.optional(),
    comment: call.optional(),
    next: call.optional(),
    alwaysTold: call.optional(),
    data: call.optional(),
    writeBack: z
      .discriminatedUnion('kind', [
        z.strictObject({
          kind: z.literal('http'),
          settings: schema,
          auth: z.unknown().optional(),
          actions: z.array(z.enum(personActions)).min(1, 'is empty'),
          request: call,
          outcome: call.optional(),
          watch: z.strictObject({ every: count, request: call, over: call }).optional(),
        }),
        z.strictObject({ kind: z.literal('command-file'), object: call }),
      ])
      .optional(),
    reply: call.optional(),
    // The loader has looked at these.
    verify: z.unknown().optional(),
    notOffered: z.unknown().optional(),
    whyNoOverride: text.optional(),
  } satisfies Record<keyof Source, z.ZodType>,
  target: {
    kind: z.literal('target'),
    contract: z.int(),
    title: text,
    summary: line,
    docs: page,
    settings: schema,
    medium: z.union([z.enum(mediumNames), call], 'is no medium and no function'),
    mode: z.enum(['latest', 'every']),
    limits: z.strictObject({
      title: count.optional(),
      message: count.optional(),
      concurrency: count.optional(),
      rate: z.number().positive().optional(),
    }),
    address: schema.optional(),
    request: call,
    edits: call.optional(),
    actions: z
      .strictObject({
        offered: call,
        verify: z.looseObject({ kind: z.literal('hmac'), secret: text }),
        read: call,
        reply: call.optional(),
        person: z.strictObject({ request: call, name: call }).optional(),
      })
      .optional(),
    installation: z
      .strictObject({
        offered: call,
        api: call,
        scopes: z.array(text).min(1, 'is empty'),
        authorize: call,
        exchange: asked,
        revoke: asked,
        places: asked,
        isEnded: call,
        manifest: call,
      })
      .optional(),
    outcome: call.optional(),
    auth: z.unknown().optional(),
    notOffered: z.unknown().optional(),
  } satisfies Record<keyof Target, z.ZodType>,
};

const schemas = { source: z.strictObject(parts.source), target: z.strictObject(parts.target) };

/** What the contract doesn't know or takes in another shape. */
export function definitionFaults(definition: Source | Target): string[] {
  const known = Object.keys(parts[definition.kind]);
  const result = schemas[definition.kind].safeParse(definition);
  return (result.error?.issues ?? []).flatMap((issue) => {
    const path = z.core.toDotPath(issue.path);
    if (issue.code !== 'unrecognized_keys') return [`\`${path}\` ${issue.message}`];
    return issue.keys.map((key) => {
      const meant = path === '' ? nearest(key, known) : undefined;
      return `\`${path}${path && '.'}${key}\` is no part of a ${definition.kind}${meant ? `; is \`${meant}\` meant` : ''}`;
    });
  });
}
