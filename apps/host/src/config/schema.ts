import { decisionNames, severities } from '@tocsin/core';
import { type Route, readTimeIntervals, usualLimits } from '@tocsin/engine';
import { z } from 'zod';
import { block } from './block.ts';
import { channel, stateDefaults } from './channel.ts';
import { packageName } from './integration-entry.ts';
import { match, timings, to, type WrittenTo } from './subscription.ts';
import { sourceTemplates, targetTemplates } from './templates.ts';
import {
  defaultListen,
  duration,
  egressRule,
  id,
  listen,
  nameServer,
  noProxyRule,
  size,
  store,
  text,
  url,
} from './values.ts';

/*
 * The config file, as it is once its references are filled in. Descriptions say what a key is for, in an editor and
 * where it is missing.
 */

/** A route as the file has it. */
export interface RouteShape extends Omit<Route, 'to' | 'routes'> {
  to: WrittenTo[];
  routes?: RouteShape[];
}

const route: z.ZodType<RouteShape> = block(
  {
    match: match.default([]),
    ...timings,
    continue: z.boolean().default(false).describe('go on with the next route after this one matched'),
    to: z.array(to).default([]).describe('who is told: ids of targets; by default those of the route above'),
    routes: z
      .lazy(() => z.array(route))
      .default([])
      .describe('tried in order below this route; the first that matches wins'),
  },
  ['name', 'templates'],
).meta({ id: 'route' });

/** Read by the engine, which knows what a calendar may say. */
const timeIntervals = z.record(text, z.unknown()).transform((written, context) => {
  const { intervals, faults } = readTimeIntervals(written);
  for (const { path, message } of faults) context.addIssue({ code: 'custom', path, message, input: written });
  return intervals;
});

const most = (usual: number) =>
  z.int().min(1, 'must be 1 or more').max(1_000_000, 'must be 1000000 or less').default(usual);

const limits = block({
  groups: most(usualLimits.groups).describe('open groups'),
  members: most(usualLimits.members).describe('alerts in one group'),
  size: size.prefault('1GB').describe('what came with the alerts of open groups'),
});

const retention = block({
  attempts: duration.prefault('30d').describe('what was sent to targets and what came back'),
  requests: duration.prefault('7d').describe('requests that couldn’t be read'),
  groups: duration.prefault('90d').describe('closed groups with their alerts and their log'),
  size: size.prefault('20GB').describe('of all together: beyond it the oldest go early'),
});

const inhibition = block({
  source: match.describe('matchers of the alerts that hold back others while they fire'),
  target: match.describe('matchers of the alerts that are held back'),
  equal: z.array(text).default([]).describe('labels whose values both must have in common'),
});

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

const keys = z.record(z.string().regex(/^[\w.-]{1,64}$/, 'is no name; use letters, digits, `.`, `_` and `-`'), key);

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
    keys: keys.optional(),
    signed: z
      .enum(['required'])
      .optional()
      .describe("`required`: the key alone is not enough, the vendor's signature must be there"),
    labels: z.record(labelName, labelValue).default({}).describe('added to every alert of this source'),
    severity: z.record(text, z.enum(severities)).default({}).describe("from the vendor's word to ours"),
    onNewMember: z
      .enum(['keep', 'post', 'unacknowledge'])
      .optional()
      .describe('what a new alert does to an acknowledged group: keep, post (told, by default) or unacknowledge'),
    resolveAfter: duration
      .refine((time) => !(time < 1_000), 'is shorter than a second; write `12h`')
      .optional()
      .describe('an alert that nothing is heard of for so long counts as over; never by default'),
    settings: z.record(z.string(), z.unknown()).default({}).describe("the integration's own settings"),
    templates: sourceTemplates.optional().describe('words in place of the integration’s; a folder, or texts by name'),
    writeBack: z
      .record(z.string(), z.unknown())
      .optional()
      .describe(
        'how the vendor is told what people do; what it needs is the integration’s, and by default it is not told',
      ),
  },
  [],
  Object.fromEntries(
    decisionNames.map((name) => [name, `stands under \`templates\`: \`templates: { ${name}: "…" }\``]),
  ),
);

const certificate = block({
  cert: text.describe('a file with the certificate, and those between it and its authority'),
  key: text.describe('a file with its private key, or `${env:NAME}`'),
  passphrase: text.optional().describe('what opens the key; write `${env:NAME}` or `${file:/path}`'),
});

const target = block({
  id: id.describe('names it in routes'),
  use: text.describe('the integration, as `slack` for `@tocsin/target-slack`'),
  settings: z.record(z.string(), z.unknown()).default({}).describe("the integration's own settings"),
  keys: keys
    .optional()
    .describe('secrets of which one must end the address of its callbacks: `/callbacks/<id>/<key>`; none by default'),
  links: z
    .boolean()
    .default(false)
    .describe('whether its messages end with a link that acknowledges, for whoever has the message; for seven days'),
  templates: targetTemplates.optional().describe('words of this target; a folder, or texts by name'),
  proxy: text.optional().describe('the HTTP proxy of this target, in place of `egress.proxy`; `none` for no proxy'),
  ca: text.optional().describe('a file of certificates, the only authorities that are trusted for this target'),
  addresses: z.array(text).optional().describe('whom it may tell, `*` for anything: `["#team-*", "#noc"]`'),
  certificate: certificate.optional().describe('how the target knows the hub, where it asks for a certificate'),
});

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

const masterKey = (what: string) => text.describe(`${what}; write \`\${env:NAME}\` or \`\${file:/path}\``);

const secrets = block({
  key: masterKey('32 bytes in base64 or hex, under which the secrets lie in the store'),
  previous: z
    .array(masterKey('a key of before'))
    .default([])
    .describe('keys of before, which open what `tocsin secrets rotate` has yet to put under the new one'),
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
    channels: z
      .array(channel)
      .default([])
      .describe('named sets of subscriptions, each with matchers of its own; tried beside the routes'),
    defaults: block({ states: stateDefaults.prefault({}) })
      .prefault({})
      .describe('what channels have where they say nothing'),
    unrouted: z
      .enum(['raise', 'drop'])
      .optional()
      .describe('of alerts that no route matches, `raise` has the source `tocsin` tell, and `drop` nobody'),
    timeIntervals: timeIntervals.default({}).describe('times of a calendar by name, for `active` and `mute`'),
    inhibit: z.array(inhibition).default([]).describe('which alerts hold back which others while they fire'),
    limits: limits
      .prefault({})
      .describe('what one source may take up; beyond it, its alerts go into one group for all'),
    retention: retention.prefault({}).describe('how long what is over is kept; what is owed stays in any case'),
    egress: egress.prefault({}).describe('how targets are reached; private addresses are denied unless allowed'),
    secrets: secrets.optional().describe('the key of the secret store; by default one beside the store'),
  },
  ['include', 'listenAdmin', 'silences'],
);

export type ConfigShape = z.output<typeof configSchema>;
