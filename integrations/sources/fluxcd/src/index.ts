import { defineSource, z } from '@tocsin/core';

const payload = z.looseObject({
  involvedObject: z.looseObject({ kind: z.string(), name: z.string(), uid: z.string() }),
  severity: z.enum(['error', 'info', 'trace']),
  reason: z.string(),
  timestamp: z.string(),
  metadata: z.record(z.string(), z.string()).nullish(),
});

/** Of these nobody knows yet whether it fails; rolled back or uninstalled is what Helm does after a failure. */
const undecided = /^Progressing|NotReady$|^(Rollback|Uninstall)Succeeded$/;

export default defineSource({
  title: 'Flux',
  summary: 'Kustomizations, Helm releases and sources that Flux fails to reconcile',
  docs: 'https://fluxcd.io/flux/components/notification/providers/#generic-webhook-with-hmac',
  verify: { kind: 'hmac', header: 'x-signature', prefix: 'sha256=' },
  settings: z.strictObject({ url: z.url().optional().describe("Where people open the Flux Operator's web UI") }),
  payload,
  alerts: ({ payload }) => (payload.severity === 'error' || !undecided.test(payload.reason) ? [payload] : []),
  status: ({ alert }) => (alert.severity === 'error' ? 'firing' : 'resolved'),
  // An object of the same name on another cluster has another.
  fingerprint: ({ alert }) => alert.involvedObject.uid,
  group: ({ alert }) => alert.involvedObject.uid,
  labels: ({ alert: { involvedObject: object, metadata } }) => ({
    // What the Alert's `eventMetadata` adds, such as the cluster; revisions are another each time.
    ...Object.fromEntries(Object.entries(metadata ?? {}).filter(([key]) => !/revision$|^summary$/i.test(key))),
    kind: object.kind,
    namespace: object.namespace,
    resource: object.name,
  }),
  severity: () => 'error', // Flux has no other for what fails.
  at: ({ alert }) => alert.timestamp,
  data: ({ alert, settings }) => ({ ...alert, home: settings.url?.replace(/\/$/, '') }),
});
