import { type HttpResponse, type HttpWriteBack, openUrl, TocsinError, type Wanted, z } from '@tocsin/core';
import {
  alertsRequest,
  endSilenceRequest,
  goneMembers,
  isOwnSilence,
  isSilenced,
  readAlerts,
  readEndedSilence,
  readSilence,
  readStartedAt,
  silenceDetails,
  silenceRequest,
  statusRequest,
  waitsFor,
} from './api.ts';

const settings = z.strictObject({
  url: openUrl().describe('Where people open Alertmanager, such as https://alertmanager.example.com'),
  hours: z
    .number()
    .positive()
    .max(24 * 30)
    .default(4)
    .describe('How long the silence of an acknowledgement lasts: Alertmanager has none without an end'),
});

type Settings = z.output<typeof settings>;

const hour = 60 * 60_000;

/** Milliseconds by which its clock may lie behind ours: a silence that begins later holds nothing yet. */
const clocksDiffer = hour / 6;

/**
 * By a silence of the one alert. Alertmanager says nothing more of what is silenced, not even that it is over: the host
 * asks for that meanwhile.
 */
export const writeBack: HttpWriteBack = {
  kind: 'http',
  settings,
  actions: ['acknowledge', 'unacknowledge', 'silence', 'unsilence'],
  request(wanted, given, answers) {
    const { url, hours } = given as Settings; // the host has read them by the schema above
    const begins = wanted.action === 'acknowledge' || wanted.action === 'silence';
    return begins ? silence(wanted, url, hours, answers) : endSilences(wanted, url, answers);
  },
  outcome: waitsFor,
  watch: {
    every: 20_000,
    request(given, [status, alerts]) {
      const { url } = given as Settings; // as above
      if (!status) return statusRequest(url);
      return alerts ? undefined : alertsRequest(url, {});
    },
    over(alerts, { earlier, later, now }) {
      const [status, shown] = later;
      const [, before] = earlier;
      if (!status || !shown || !before) return [];
      // It forgets what fires when it ends, until that is sent again.
      const startedAt = readStartedAt(status);
      const known = alerts.filter(({ since }) => startedAt <= since || now - startedAt >= settled);
      const fingerprints = known.map(({ fingerprint }) => fingerprint);
      return goneMembers(fingerprints, readAlerts(before), readAlerts(shown));
    },
  },
};

/** Milliseconds after its start in which Alertmanager may not have heard yet of what fires: Prometheus says so every minute. */
const settled = 5 * 60_000;

function silence(
  { alert, actor, comment, until, url: page, now }: Wanted,
  url: string,
  hours: number,
  answers: readonly HttpResponse[],
) {
  const [made, ...polls] = answers;
  const labels = labelsOf(alert.data);
  if (!made) {
    const endsAt = Math.min(until ?? now + hours * hour, now + 365 * 24 * hour);
    return silenceRequest(url, {
      labels,
      startsAt: now - clocksDiffer,
      endsAt,
      createdBy: actor,
      comment: `${comment} ${page}`,
    });
  }
  const id = readSilence(made);
  const last = polls.at(-1);
  if (last && isSilenced(readAlerts(last), labels, id)) return undefined;
  if (polls.length < mostPolls) return alertsRequest(url, labels);
  throw new TocsinError(
    'egress',
    'Alertmanager took the silence, which stays there, and does not show the alert as silenced',
    {
      remedy: 'The alert may be over: look at Alertmanager.',
    },
  );
}

/** Those of ours alone: what others silenced stays so. */
function endSilences({ alert, url: page }: Wanted, url: string, [polled, ...answers]: readonly HttpResponse[]) {
  const labels = labelsOf(alert.data);
  if (!polled) return alertsRequest(url, labels);
  const ids = [...new Set(readAlerts(polled).flatMap(({ silencedBy }) => silencedBy))];
  const rest = [...answers];
  for (const id of ids) {
    const details = rest.shift();
    if (!details) return silenceDetails(url, id);
    if (!isOwnSilence(details, page)) continue;
    const ended = rest.shift();
    if (!ended) return endSilenceRequest(url, id);
    readEndedSilence(ended);
  }
  return undefined;
}

/** It shows a new silence with the next look at its alerts. */
const mostPolls = 5;

const withLabels = z.looseObject({ labels: z.record(z.string(), z.string()) });

/** As Alertmanager has them, without those that the hub added. */
function labelsOf(data: unknown): Record<string, string> {
  const read = withLabels.safeParse(data);
  if (read.success) return read.data.labels;
  throw new TocsinError('payload', 'what Alertmanager sent of this alert is not kept, so it can’t be told of it', {
    remedy: 'Act in Alertmanager itself.',
  });
}
