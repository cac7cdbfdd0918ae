import type { Integration } from '@tocsin/core';
import { z } from 'zod';
import type { HostContext } from '../context.ts';
import { readDemo } from './demo.ts';
import { refused } from './failure.ts';
import { type Api, route } from './route.ts';
import { anyJson, described } from './schemas.ts';
import { settingsSchema } from './settings-schema.ts';

const kind = z.enum(['source', 'target']);

const installedShape = z.object({
  kind,
  id: z.string(),
  title: z.string(),
  summary: z.string(),
  docs: described(z.string(), 'The vendor’s page.'),
  package: z.string(),
  version: z.string(),
  settings: described(
    z.record(z.string(), anyJson).nullable(),
    'JSON Schema of what an operator sets; `writeOnly` and `secret` mark what nobody may see. Null: there is nothing to set.',
  ),
});

const quarantined = described(
  z.string().nullable(),
  'Why it is switched off for now: a function of its integration overran its time.',
);

const sourceShape = z.object({
  id: z.string(),
  integration: z.string(),
  url: described(z.string(), 'Where it posts to, with its key as Bearer, basic password or X-Tocsin-Key.'),
  howToUrl: described(z.string(), 'The page that says how to connect it; write its key in place of `{key}`.'),
  quarantined,
});

const targetShape = z.object({ id: z.string(), integration: z.string(), quarantined });

const integrationsShape = z.object({
  installed: z.array(installedShape),
  sources: described(z.array(sourceShape), 'As the config has them.'),
  targets: described(z.array(targetShape), 'As the config has them.'),
});

/** What is installed, and what the operator made of it. */
export function registerIntegrationRoutes(api: Api, context: HostContext): void {
  const { registry } = context;
  const tag = 'integrations';

  const words = {
    operationId: 'listIntegrations',
    tag,
    summary: 'Installed integrations, and the sources and targets',
  };
  api.get('/v1/integrations', route('viewer', words, integrationsShape, {}), async () => {
    const off = context.quarantined();
    return {
      installed: registry.integrations.map(viewInstalled),
      sources: [...registry.sources].map(([id, { integration }]) => ({
        id,
        integration: integration.id,
        url: `${context.url}/in/${id}`,
        howToUrl: `${context.url}/in/${id}/{key}`,
        quarantined: off.get(`source ${id}`) ?? null,
      })),
      targets: [...registry.targets].map(([id, { integration }]) => ({
        id,
        integration: integration.id,
        quarantined: off.get(`target ${id}`) ?? null,
      })),
    };
  });

  const params = z.object({ kind, id: z.string().max(214) });
  const demo = route(
    'viewer',
    {
      operationId: 'getDemo',
      tag,
      summary: 'The example of a firing alert that comes with a source',
      description: 'What the vendor posts when something fires. Posted to a source’s `url` it is a demo alert.',
    },
    z.object({ payload: anyJson }),
    { params, refusals: [404] },
  );
  api.get('/v1/integrations/:kind/:id/demo', demo, async (request, reply) => {
    const wanted = request.params;
    const found = registry.integrations.find(({ kind, id }) => kind === wanted.kind && id === wanted.id);
    const payload = found && (await readDemo(found));
    if (payload !== undefined) return { payload };
    return refused(reply, {
      status: 404,
      code: 'not-found',
      message: found ? `the ${found.kind} ${found.id} brings no example alert` : 'no such integration is installed',
      remedy: 'Take kind and id of a source from the list of integrations.',
    });
  });
}

function viewInstalled(integration: Integration): z.output<typeof installedShape> {
  const { kind, id, name, version, definition } = integration;
  const { title, summary, docs } = definition;
  return { kind, id, title, summary, docs, package: name, version, settings: settingsSchema(integration) };
}
