import { defineSource, type Macros, macroDecisions, macros, macroView, requiredObject, z } from '@tocsin/core';

export default defineSource({
  ...macroDecisions,
  title: 'openITCOCKPIT',
  summary: 'Hosts and services that openITCOCKPIT checks, by `tocsin notify` as a notification command',
  docs: 'https://docs.openitcockpit.io/en/configuration/macros',
  // openITCOCKPIT runs a command line that the operator writes; what sends is that command.
  notOffered: { signature: 'https://docs.openitcockpit.io/en/configuration/commands' },
  whyNoOverride: 'The title names the object and its state in a few words, which any medium can show.',
  payload: macros,
  settings: z.strictObject({
    url: z.url().optional().describe('Where people open openITCOCKPIT, such as https://monitoring.example.com'),
  }),
  writeBack: { kind: 'command-file', object: requiredObject },
  data: ({ alert, settings }) => ({ ...alert, ...macroView(alert), page: pageOf(alert, settings.url) }),
});

/** Its hosts and services are named by their UUIDs, and so are their pages. */
function pageOf({ HOSTNAME: host, SERVICEDESC: service }: Macros, url?: string): string | undefined {
  const page = service === undefined ? `hosts/browser/${host}` : `services/browser/${service}`;
  return url && new URL(`/a/${page}`, url).href;
}
