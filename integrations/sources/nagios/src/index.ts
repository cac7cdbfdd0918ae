import { defineSource, type Macros, macroDecisions, macros, macroView, requiredObject, z } from '@tocsin/core';

export default defineSource({
  ...macroDecisions,
  title: 'Nagios',
  summary: 'Hosts and services that Nagios Core or Naemon checks, by `tocsin notify` as a notification command',
  docs: 'https://assets.nagios.com/downloads/nagioscore/docs/nagioscore/4/en/macrolist.html',
  // Nagios runs a command line that the operator writes; what sends is that command.
  notOffered: {
    signature: 'https://assets.nagios.com/downloads/nagioscore/docs/nagioscore/4/en/notifications.html',
  },
  whyNoOverride: 'The title names the object and its state in a few words, which any medium can show.',
  payload: macros,
  settings: z.strictObject({
    url: z.url().optional().describe('Where the CGIs are, such as https://nagios.example.com/nagios/cgi-bin'),
  }),
  writeBack: { kind: 'command-file', object: requiredObject },
  data: ({ alert, settings }) => ({ ...alert, ...macroView(alert), page: pageOf(alert, settings.url) }),
});

/** https://assets.nagios.com/downloads/nagioscore/docs/nagioscore/4/en/cgis.html */
function pageOf({ HOSTNAME: host, SERVICEDESC: service }: Macros, url?: string): string | undefined {
  const query = new URLSearchParams({ type: service === undefined ? '1' : '2', host, ...(service && { service }) });
  return url && `${url.replace(/\/$/, '')}/extinfo.cgi?${query}`;
}
