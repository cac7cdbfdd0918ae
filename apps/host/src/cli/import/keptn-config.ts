import { z } from 'zod';

/*
 * Keptn's webhook configuration and its subscriptions.
 * https://github.com/keptn/keptn/blob/1.0.0/webhook-service/README.md and
 * https://github.com/keptn/spec/blob/0.2.4/webhook.md
 */

const versions = ['webhookconfig.keptn.sh/v1alpha1', 'webhookconfig.keptn.sh/v1beta1'] as const;

const notRead = `must be ${versions.join(' or ')}; nothing else is read`;

const text = z.string('must be a text');

/** A list, which may be missing or empty. */
function listOf<Item extends z.ZodType>(item: Item) {
  return z
    .array(item, 'must be a list')
    .nullish()
    .transform((list) => list ?? []);
}

const flag = z.boolean('must be true or false').optional();

const request = z.union(
  [
    text,
    z.looseObject({
      url: text.min(1, 'is empty'),
      method: text.optional(),
      headers: listOf(z.looseObject({ key: text, value: text })),
      payload: text.optional(),
      options: text.optional(),
    }),
  ],
  'must be a curl command, or a map with a `url`',
);

const webhook = z.looseObject({
  type: text.min(1, 'is empty'),
  subscriptionID: text.optional(),
  sendStarted: flag,
  sendFinished: flag,
  envFrom: listOf(z.looseObject({ name: text, secretRef: z.looseObject({ name: text, key: text }) })),
  requests: z.array(request, 'must be a list of requests').min(1, 'is empty'),
});

export const webhookConfig = z.looseObject(
  {
    apiVersion: z.enum(versions, notRead),
    spec: z.looseObject({ webhooks: z.array(webhook, 'must be a list of webhooks') }, 'must hold `webhooks`'),
  },
  'this is no map of keys; it should begin with `apiVersion`',
);

export type Webhook = z.output<typeof webhook>;
export type WebhookRequest = z.output<typeof request>;
export type EnvFrom = Webhook['envFrom'][number];

const names = listOf(text);

const subscription = z.looseObject({
  id: text,
  event: text,
  filter: z
    .looseObject({ projects: names, stages: names, services: names })
    .nullish()
    .transform((filter) => filter ?? { projects: [], stages: [], services: [] }),
});

export type Subscription = z.output<typeof subscription>;

/** One, a list of them, or what Keptn's API says of an integration, or of several. */
export const subscriptions = z.union(
  [
    subscription.transform((one) => [one]),
    z.array(subscription),
    z.looseObject({ subscriptions: z.array(subscription) }).transform((integration) => integration.subscriptions),
    z
      .array(z.looseObject({ subscriptions: listOf(subscription) }))
      .transform((integrations) => integrations.flatMap((integration) => integration.subscriptions)),
  ],
  'must be subscriptions as Keptn has them: `[{ "id": …, "event": …, "filter": { "projects": […], … } }]`',
);

/** The keys that are read, by the place that they stand at. */
export const knownKeys = {
  config: ['apiVersion', 'kind', 'metadata', 'spec'],
  spec: ['webhooks'],
  webhook: ['type', 'subscriptionID', 'sendStarted', 'sendFinished', 'envFrom', 'requests'],
  request: ['url', 'method', 'headers', 'payload', 'options'],
} as const;
