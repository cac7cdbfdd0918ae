import { defineSource, type Macros, macroDecisions, macros, macroView, z } from '@tocsin/core';
import { writeBack } from './write-back.ts';

export default defineSource({
  ...macroDecisions,
  title: 'Icinga 2',
  summary: 'Hosts and services that Icinga 2 checks, by `tocsin notify` as a notification command',
  docs: 'https://icinga.com/docs/icinga-2/latest/doc/03-monitoring-basics/#notification-commands',
  // Icinga runs a command that the operator defines; what sends is that command.
  notOffered: {
    signature: 'https://icinga.com/docs/icinga-2/latest/doc/03-monitoring-basics/#notification-commands',
  },
  whyNoOverride: 'The title names the object and its state in a few words, which any medium can show.',
  payload: z.preprocess(withNagiosNames, macros),
  settings: z.strictObject({
    url: z.url().optional().describe('Where people open Icinga Web, such as https://icinga.example.com/icingaweb2'),
  }),
  writeBack,
  data: ({ alert, settings }) => ({ ...alert, ...macroView(alert), page: pageOf(alert, settings.url) }),
});

/**
 * The environment of the notification scripts that come with Icinga 2 has names of its own, and no host but its alias.
 * https://github.com/Icinga/icinga2/blob/v2.13.6/etc/icinga2/scripts/mail-host-notification.sh
 */
function withNagiosNames(body: unknown): unknown {
  if (body === null || typeof body !== 'object' || Array.isArray(body)) return body;
  const { HOSTALIAS, NOTIFICATIONAUTHORNAME, LONGDATETIME }: Record<string, unknown> = { ...body };
  return { HOSTNAME: HOSTALIAS, NOTIFICATIONAUTHOR: NOTIFICATIONAUTHORNAME, TIMET: LONGDATETIME, ...body };
}

/** https://github.com/Icinga/icingadb-web/blob/main/library/Icingadb/Common/Links.php */
function pageOf({ HOSTNAME: host, SERVICEDESC: service }: Macros, url?: string): string | undefined {
  const [of, name] = [host, service ?? host].map((text) => encodeURIComponent(text.toWellFormed()));
  const page = service === undefined ? `host?name=${name}` : `service?name=${name}&host.name=${of}`;
  return url && `${url.replace(/\/$/, '')}/icingadb/${page}`;
}
