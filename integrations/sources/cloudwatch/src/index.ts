import { defineSource, jsonText, z } from '@tocsin/core';

const text = z.string().optional().catch(undefined);

const dimension = z.looseObject({ name: z.string(), value: z.string() });

const alarm = z.looseObject({
  AlarmName: z.string(),
  AlarmArn: z.string().optional(),
  NewStateValue: z.string().optional(),
  StateChangeTime: z.string().optional(),
  Trigger: z.looseObject({ Namespace: text, MetricName: text, Dimensions: z.array(dimension).nullish() }).optional(),
});

export default defineSource({
  title: 'Amazon CloudWatch',
  summary: 'Alarms of Amazon CloudWatch that change their state, by a topic of Amazon SNS',
  docs: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html',
  verify: { kind: 'sns', topic: 'topic' },
  settings: z.strictObject({
    topic: z.string().optional().describe('The ARN of the topic, such as arn:aws:sns:eu-west-1:123456789012:alarms'),
  }),
  // https://docs.aws.amazon.com/sns/latest/dg/http-notification-json.html
  payload: z.looseObject({ MessageId: z.string().optional(), Message: jsonText(alarm) }),
  alerts: ({ payload }) => [payload.Message],
  // Without data nobody knows: what fires goes on firing, and its OK comes once there is data again.
  status: ({ alert: { NewStateValue: state } }) =>
    state === 'OK' ? 'resolved' : state === 'INSUFFICIENT_DATA' ? 'notice' : 'firing',
  group: ({ alert }) => alert.AlarmArn ?? alert.AlarmName,
  fingerprint: ({ alert }) => alert.AlarmArn ?? alert.AlarmName,
  labels: ({ alert }) => ({
    ...Object.fromEntries((alert.Trigger?.Dimensions ?? []).map(({ name, value }) => [name, value])),
    alarm: alert.AlarmName,
    account: alert.AWSAccountId,
    region: regionOf(alert.AlarmArn) ?? alert.Region,
    metric: [alert.Trigger?.Namespace, alert.Trigger?.MetricName].filter(Boolean).join(' ') || undefined,
  }),
  startedAt: ({ alert }) => (alert.NewStateValue === 'OK' ? undefined : alert.StateChangeTime),
  at: ({ alert }) => alert.StateChangeTime,
  deliveryId: ({ payload }) => payload.MessageId,
  data: ({ alert }) => ({
    ...alert,
    consoleRegion: regionOf(alert.AlarmArn),
    consoleName: encodeURIComponent(alert.AlarmName.slice(0, 255).toWellFormed()),
  }),
});

/** Of `arn:aws:cloudwatch:eu-west-1:…`, whose console has the usual address. */
function regionOf(arn = ''): string | undefined {
  return /^arn:aws:cloudwatch:([a-z0-9-]+):/.exec(arn)?.[1];
}
