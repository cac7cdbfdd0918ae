import { defineSource, z } from '@tocsin/core';

const text = z.string().nullish();
const rule = z.looseObject({ name: text, environment: text });
const metric = z.looseObject({ id: z.string(), alert_rule: rule, projects: z.array(z.string()), date_started: text });
const project = z.looseObject({ slug: z.string() }).transform(({ slug }) => slug);
const issue = z.looseObject({ id: z.string(), level: text, project: z.string().or(project) });
const event = z.looseObject({ issue_id: z.string(), level: text, url: text, environment: text });
const data = z.looseObject({ metric_alert: metric.optional(), issue: issue.optional(), event: event.optional() });
const actor = z.looseObject({ type: text, name: text }).nullish();
// The older plugin WebHooks posts an issue alone; it signs nothing, and says of none that it is over.
const old = z.looseObject({ project_slug: z.string() });
const read = (body: unknown) => (old.safeParse(body).success ? { action: 'triggered', data: { issue: body } } : body);

export default defineSource({
  title: 'Sentry',
  summary: 'Issues and metric alerts of Sentry, by the webhooks of an internal integration',
  docs: 'https://docs.sentry.io/organization/integrations/integration-platform/webhooks/',
  verify: { kind: 'hmac', header: 'sentry-hook-signature' },
  payload: z.preprocess(read, z.looseObject({ action: z.string(), actor, data })),
  alerts: ({ payload: { action, data } }) => {
    const id = data.metric_alert ? `metric alert ${data.metric_alert.id}` : (data.issue?.id ?? data.event?.issue_id);
    // Installations, comments and the like are no problems, and one that is assigned goes on.
    return id === undefined || action === 'assigned' ? [] : [{ ...data, action, id }];
  },
  // What is archived is left alone until it escalates, and then comes as unresolved. It was `ignored` once.
  status: ({ alert }) => (['resolved', 'archived', 'ignored'].includes(alert.action) ? 'resolved' : 'firing'),
  fingerprint: ({ alert }) => alert.id,
  group: ({ alert }) => alert.id,
  labels: ({ alert: { metric_alert: metric, issue, event }, payload }) => ({
    project: metric?.projects.join(', ') ?? issue?.project ?? event?.url?.match(/\/projects\/[^/]+\/([^/]+)/)?.[1],
    rule: metric?.alert_rule.name ?? payload.data.triggered_rule,
    environment: metric?.alert_rule.environment ?? event?.environment,
  }),
  severity: ({ alert }) => (alert.metric_alert ? alert.action : ((alert.issue ?? alert.event)?.level ?? undefined)),
  startedAt: ({ alert }) => alert.metric_alert?.date_started,
  actor: ({ payload: { actor } }) => (actor?.type === 'user' ? (actor.name ?? undefined) : undefined),
});
