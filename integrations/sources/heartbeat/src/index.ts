import { defineSource } from '@tocsin/core';
import { fields } from './fields.ts';
import { readPing } from './ping.ts';
import { settings } from './settings.ts';

/** Of pings without a name, which are all of one job. */
const unnamed = 'heartbeat';

export default defineSource({
  title: 'Heartbeat',
  summary: 'Jobs and systems that ping while they are well: their silence raises, the next ping resolves',
  docs: 'https://healthchecks.io/docs/http_api/',
  // A ping is a line of a shell script; curl sends credentials and signs nothing but for AWS.
  notOffered: {
    signature: 'https://curl.se/docs/manpage.html#-u',
    writeBack: 'https://curl.se/docs/manpage.html',
  },
  whyNoOverride: 'The title says all of it in a dozen words, which any medium can show.',
  payload: fields.optional(),
  settings,
  alerts: ({ payload, request, settings }) => [readPing(payload, request, settings)],
  status: ({ alert }) => (alert.verdict === 'failed' ? 'firing' : 'resolved'),
  group: ({ alert }) => alert.name ?? unnamed,
  fingerprint: ({ alert }) => alert.name ?? unnamed,
  labels: ({ alert }) => ({ name: alert.name }),
  severity: ({ alert }) => alert.severity,
  // A failure is watched as well: a person may resolve it, and then nothing comes any more.
  next: ({ alert }) => (alert.verdict === 'stopped' ? 0 : Math.max(1000, alert.interval + alert.grace)),
  data: ({ alert: { severity: _, ...ping } }) => ping,
});
