import { decisionNames, eventKinds, severities } from '@tocsin/core';
import type { Route, To } from '@tocsin/engine';
import { z } from 'zod';
import { block } from './block.ts';
import { packageName } from './integration-entry.ts';
import { sourceTemplates, targetTemplates, type WrittenTemplates } from './templates.ts';
import {
  defaultListen,
  duration,
  egressRule,
  id,
  listen,
  matcherText,
  nameServer,
  noProxyRule,
  store,
  text,
  url,
} from './values.ts';

/*
 * The config file, as it is once its references are filled in. Descriptions say what a key is for, in an editor and
 * where it is missing.
 */

/** `severity="critical"`, a list of such, or nothing for everything; all must hold. */
const match = z
  .union([matcherText, z.array(matcherText).transform((lists) => lists.flat())])
  .describe('Alertmanager\'s matchers, all of which must hold: `severity=~"critical|error"`');

const events = z
  .array(z.enum(eventKinds))
  .min(1, 'is an empty list; name the events, or remove the key for all of them')
  .describe('the events that are told; all of them by default');

const timings = {
  events: events.optional(),
  wait: duration.optional().describe('how long the first notice waits; `0s` by default'),
  interval: duration.optional().describe('least time between updates; `1m` by default'),
};

const subscription = z.union([
  text.transform((target) => ({ target })),
  block(
    {
      target: text.describe('the id of a target'),
      ...timings,
      templates: targetTemplates.optional().describe('words of this entry; a folder, or texts by name'),
    },
    ['active', 'address', 'after', 'else', 'mute', 'name', 'repeat', 'while'],
  ),
]);

/** A route as the file has it. */
export interface RouteShape extends Omit<Route, 'to' | 'routes'> {
  to: (Omit<To, 'wording'> & { templates?: WrittenTemplates })[];
  routes?: RouteShape[];
}

const route: z.ZodType<RouteShape> = block(
  {
    match: match.default([]),
    ...timings,
    continue: z.boolean().default(false).describe('go on with the next route after this one matched'),
    to: z.array(subscription).default([]).describe('who is told: ids of targets; by default those of the route above'),
    routes: z
      .lazy(() => z.array(route))
      .default([])
      .describe('tried in order below this route; the first that matches wins'),
  },
  ['active', 'mute', 'name', 'repeat', 'templates'],
).meta({ id: 'route' });

const token = block({
  name: text
    .max(64, 'is longer than 64 characters')
    .regex(/^[^\p{Cc}\p{Cf}]+$/u, 'has control characters')
    .refine(
      (name) => !['tocsin', 'timeout'].includes(name),
      'is what the hub calls itself in the log; choose another name',
    )
    .describe('who acts: it stands in every event, silence and change'),
  role: z
    .enum(['admin', 'operator', 'viewer', 'metrics'])
    .describe('what the token allows: admin, operator, viewer or metrics'),
  value: text.describe('the secret; write `${env:NAME}` or `${file:/path}`'),
});

const key = text.describe('the secret that callers send; write `${env:NAME}` or `${file:/path}`');

const labelName = z
  .string()
  .min(1, 'is empty')
  .max(128, 'is longer than 128 characters')
  .refine((name) => !name.startsWith('tocsin_'), "is reserved: labels that begin with `tocsin_` are the hub's own");

const labelValue = z
  .string()
  .refine(
    (value) => !value.includes('{{'),
    'is a template, which is not available yet in this version; write a constant',
  );

const source = block(
  {
    id: id.describe('names it in its address, in routes and in messages'),
    use: text.describe('the integration, as `alertmanager` for `@tocsin/source-alertmanager`'),
    key: key.optional(),
    keys: z
      .record(z.string().regex(/^[\w.-]{1,64}$/, 'is no name; use letters, digits, `.`, `_` and `-`'), key)
      .optional(),
    labels: z.record(labelName, labelValue).default({}).describe('added to every alert of this source'),
    severity: z.record(text, z.enum(severities)).default({}).describe("from the vendor's word to ours"),
    onNewMember: z
      .enum(['keep', 'post', 'unacknowledge'])
      .optional()
      .describe('what a new alert does to an acknowledged group: keep, post (told, by default) or unacknowledge'),
    settings: z.record(z.string(), z.unknown()).default({}).describe("the integration's own settings"),
    templates: sourceTemplates.optional().describe('words in place of the integration’s; a folder, or texts by name'),
  },
  ['resolveAfter', 'writeBack'],
  Object.fromEntries(
    decisionNames.map((name) => [name, `stands under \`templates\`: \`templates: { ${name}: "…" }\``]),
  ),
);

const certificate = block({
  cert: text.describe('a file with the certificate, and those between it and its authority'),
  key: text.describe('a file with its private key, or `${env:NAME}`'),
  passphrase: text.optional().describe('what opens the key; write `${env:NAME}` or `${file:/path}`'),
});

const target = block(
  {
    id: id.describe('names it in routes'),
    use: text.describe('the integration, as `slack` for `@tocsin/target-slack`'),
    settings: z.record(z.string(), z.unknown()).default({}).describe("the integration's own settings"),
    templates: targetTemplates.optional().describe('words of this target; a folder, or texts by name'),
    proxy: text.optional().describe('the HTTP proxy of this target, in place of `egress.proxy`; `none` for no proxy'),
    ca: text.optional().describe('a file of certificates, the only authorities that are trusted for this target'),
    certificate: certificate.optional().describe('how the target knows the hub, where it asks for a certificate'),
  },
  ['addresses'],
);

/** Milliseconds that a request may take in all: what a lease leaves, when rendering took its time. */
const longestSend = 40_000;

const timeouts = block({
  connect: duration.prefault('5s').describe('until the connection stands: name, proxy and TLS included'),
  headers: duration.prefault('15s').describe('from the request to the headers of the answer'),
  body: duration.prefault('15s').describe('for the rest of the answer'),
}).refine((parts) => {
  const times = [parts.connect, parts.headers, parts.body];
  if (!times.every(Number.isFinite)) return true; // that has been told already
  return Math.min(...times) > 0 && times.reduce((sum, time) => sum + time) <= longestSend;
}, 'must be more than `0s` each, and `40s` at most together');

const egress = block({
  allow: z.array(egressRule).default([]).describe('private addresses that targets may reach'),
  deny: z.array(egressRule).default([]).describe('addresses and names that no target may reach'),
  proxy: text.optional().describe('the HTTP proxy of all targets; `none` for no proxy, whatever the environment says'),
  noProxy: z.array(noProxyRule).default([]).describe('names, ranges and ports that are reached without `egress.proxy`'),
  resolver: z
    .union([nameServer.transform((server) => [server]), z.array(nameServer)])
    .default([])
    .describe('DNS servers that are asked, with no look at the system; `10.0.0.53`, or a list'),
  ca: text.optional().describe('a file of certificates that are trusted besides the public authorities'),
  timeouts: timeouts.prefault({}).describe('how long a request to a target may take'),
});

const integration = z
  .string()
  .refine(
    (entry) => /^\.\.?\//.test(entry) || packageName.test(entry),
    'is no package and no folder; write `@tocsin/source-alertmanager` or `./integrations/acme`',
  );

export const configSchema = block(
  {
    version: z.literal(1).describe('write `version: 1`'),
    url: url.optional().describe('where sources and buttons reach this host; may have a path'),
    listen: listen.prefault(defaultListen).describe('host and port; the variable PORT overrides the port'),
    store: store.prefault('sqlite:./data/tocsin.db').describe('where everything is kept; relative to this file'),
    tokens: z.array(token).default([]).describe('who may use the API and the pages'),
    integrations: z.array(integration).default([]).describe('the installed packages that the host loads'),
    sources: z.array(source).default([]).describe('what raises alerts'),
    targets: z.array(target).default([]).describe('what is told'),
    routes: z.array(route).default([]).describe('who is told what; the first that matches wins'),
    unrouted: z
      .enum(['raise', 'drop'])
      .optional()
      .describe('of alerts that no route matches, `raise` has the source `tocsin` tell, and `drop` nobody'),
    egress: egress.prefault({}).describe('how targets are reached; private addresses are denied unless allowed'),
  },
  [
    'channels',
    'defaults',
    'include',
    'inhibit',
    'limits',
    'listenAdmin',
    'retention',
    'secrets',
    'silences',
    'timeIntervals',
  ],
);

export type ConfigShape = z.output<typeof configSchema>;
