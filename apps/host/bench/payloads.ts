/**
 * Alerts as both sides take them: the same labels and texts, distinct fingerprints, a hundred groups a round. Written
 * as text right away: the generator shares the machine with what it measures.
 */
const groups = 100;
const startsAt = '2026-01-01T00:00:00.000Z';

function labelsOf(round: string, number: number): string {
  return `{"alertname":"HighLatency-${round}-${number % groups}","instance":"web-${round}-${number}.example.com:9100","job":"node","severity":"critical","team":"storage"}`;
}

function annotationsOf(number: number): string {
  return `{"summary":"Latency of web-${number} is above 500 ms","description":"The 99th percentile has been above half a second for ten minutes; ${number} requests were slow."}`;
}

/** Sixteen hexadecimal digits that look like a hash and never repeat. */
function fingerprintOf(number: number): string {
  const low = Math.imul(number + 1, 0x9e3779b1) >>> 0;
  return low.toString(16).padStart(8, '0') + number.toString(16).padStart(8, '0');
}

const generatorUrl = 'http://prometheus.example.com/graph?g0.expr=latency&g0.tab=1';

/** Numbers a hundred apart are of one group, as Alertmanager sends them. */
function join(first: number, count: number, alertOf: (number: number) => string): string {
  let text = alertOf(first);
  for (let index = 1; index < count; index++) text += `,${alertOf(first + index * groups)}`;
  return text;
}

/** What Alertmanager posts to a webhook receiver, version 4. */
export function webhookBody(round: string, first: number, count: number): string {
  const name = `HighLatency-${round}-${first % groups}`;
  const alerts = join(
    first,
    count,
    (number) =>
      `{"status":"firing","labels":${labelsOf(round, number)},"annotations":${annotationsOf(number)},"startsAt":"${startsAt}","endsAt":"0001-01-01T00:00:00Z","generatorURL":"${generatorUrl}","fingerprint":"${fingerprintOf(number)}"}`,
  );
  return `{"receiver":"hub","status":"firing","alerts":[${alerts}],"groupLabels":{"alertname":"${name}"},"commonLabels":{"alertname":"${name}","job":"node","severity":"critical"},"commonAnnotations":{},"externalURL":"http://alertmanager.example.com","version":"4","groupKey":"{}:{alertname=\\"${name}\\"}","truncatedAlerts":0}`;
}

/** What Prometheus posts to Alertmanager's /api/v2/alerts. */
export function prometheusBody(round: string, first: number, count: number): string {
  const now = new Date().toISOString();
  const alerts = join(
    first,
    count,
    (number) =>
      `{"labels":${labelsOf(round, number)},"annotations":${annotationsOf(number)},"startsAt":"${now}","generatorURL":"${generatorUrl}"}`,
  );
  return `[${alerts}]`;
}
