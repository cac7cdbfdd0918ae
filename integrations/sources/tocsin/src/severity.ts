/** From the mildest to the worst. */
const severities = ['warning', 'error', 'critical'] as const;

type Severity = (typeof severities)[number];

/** How bad it is when it happens once. An alert that nobody hears of is worse than one that reads badly. */
const severityOnce: Readonly<Record<string, Severity>> = {
  'rejected-requests': 'warning',
  'failed-templates': 'warning',
  'unrouted-alerts': 'error',
  'dead-deliveries': 'error',
  'broken-set-up': 'error',
  'disabled-target': 'error',
  'missing-secret': 'error',
  'missing-installation': 'error',
  'switched-off-source': 'error',
  'switched-off-target': 'error',
};

/** What happens that often is no accident. */
const many = 10;

/** One step worse from the tenth time on, so that those who were told of the first hear that it goes on. */
export function severityOf({ kind, count }: { kind: string; count: number }): Severity {
  const once = Object.hasOwn(severityOnce, kind) ? (severityOnce[kind] as Severity) : 'error';
  const isMany = count >= many;
  return severities[severities.indexOf(once) + Number(isMany)] as Severity; // none is critical once
}
