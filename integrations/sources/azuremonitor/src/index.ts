import { defineSource, z } from '@tocsin/core';

const essentials = z.looseObject({
  alertId: z.string(),
  monitorCondition: z.string(),
  severity: z.string(),
  firedDateTime: z.string().optional(),
  resolvedDateTime: z.string().optional(),
  configurationItems: z.array(z.string()).nullish(),
});

const customProperties = z.record(z.string(), z.unknown()).nullish();

/** Of Sev0 to Sev4: https://learn.microsoft.com/en-us/azure/azure-monitor/best-practices-alerts */
const severities = ['critical', 'error', 'warning', 'info', 'info'];

export default defineSource({
  title: 'Azure Monitor',
  summary: 'Alerts of Azure Monitor in the common alert schema, by the webhook of an action group',
  docs: 'https://learn.microsoft.com/en-us/azure/azure-monitor/alerts/alerts-common-schema',
  // A secure webhook brings a token of Microsoft Entra ID; nothing signs the body.
  notOffered: { signature: 'https://learn.microsoft.com/en-us/azure/azure-monitor/alerts/action-groups' },
  payload: z.looseObject({ data: z.looseObject({ essentials, customProperties }) }),
  alerts: ({ payload }) => [payload.data],
  status: ({ alert }) => (alert.essentials.monitorCondition === 'Resolved' ? 'resolved' : 'firing'),
  // One rule fires for each resource on its own, and Azure says when that one is over.
  group: ({ alert }) => alert.essentials.alertId,
  fingerprint: ({ alert }) => alert.essentials.alertId,
  labels: ({ alert: { essentials, customProperties } }) => ({
    ...customProperties,
    rule: essentials.alertRule,
    // Of some log alerts it is the whole path.
    resource: essentials.configurationItems?.[0]?.split('/').at(-1),
  }),
  severity: ({ alert }) => severities[Number(alert.essentials.severity.slice(3))] ?? alert.essentials.severity,
  startedAt: ({ alert }) => alert.essentials.firedDateTime,
  at: ({ alert }) => alert.essentials.resolvedDateTime,
});
