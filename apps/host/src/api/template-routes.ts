import { mediumNames } from '@tocsin/core';
import { z } from 'zod';
import type { HostContext } from '../context.ts';
import type { Rendered, SourceWords } from '../templates/desk.ts';
import { invalid, refused } from './failure.ts';
import { type Api, route } from './route.ts';
import { closed, described, time } from './schemas.ts';
import { isoTime } from './time.ts';

const wordsShape = z.object({
  source: z.string(),
  package: z.string(),
  pinned: described(
    z.object({ version: z.string(), at: time }),
    'The release whose words are said, and since when: later ones change nothing until they are taken.',
  ),
  loaded: described(z.string(), 'The release that this host has loaded.'),
  changes: described(
    z.array(z.object({ name: z.string(), change: z.enum(['added', 'removed', 'changed']) })),
    'Templates that are others in the loaded release.',
  ),
  own: described(
    z.array(z.object({ name: z.string(), file: z.string() })),
    'The operator’s templates of this source, which an upgrade keeps.',
  ),
});

const textsShape = z.object({
  headline: z.string(),
  title: z.string(),
  message: z.string(),
  comment: z.string().optional(),
  link: z.string().optional(),
  image: z.string().optional(),
});

const medium = z.enum(mediumNames);

const comparisonShape = wordsShape.extend({
  medium,
  messages: described(
    z.array(z.object({ of: z.string(), before: textsShape, after: textsShape })),
    'Recent groups of the source, or else the examples of its package, in the words of either release.',
  ),
});

const renderedShape = z.object({
  of: described(z.string(), 'What the message is about.'),
  isSubscribed: described(z.boolean(), 'Whether the target is told of it at all.'),
  medium,
  texts: textsShape,
  from: described(
    z.record(z.string(), z.string()),
    'The template that gave each field: a file, a place in the config, or a recorded release.',
  ),
  request: described(
    z
      .object({
        method: z.string(),
        url: z.string(),
        headers: z.record(z.string(), z.string()).optional(),
        body: z.string().optional(),
      })
      .nullable(),
    'What would leave first; secrets are references.',
  ),
  problems: described(
    z.array(z.string()),
    'Templates that failed, with a default said in their place, and why there is no request.',
  ),
});

const of = z.object({ source: z.string().max(64) });

/** Which words are said, what an upgrade would change, and what a message would be. */
export function registerTemplateRoutes(api: Api, { templates }: HostContext): void {
  const tag = 'templates';

  const list = { operationId: 'listTemplates', tag, summary: 'The words of every source' };
  api.get('/v1/templates', route('viewer', list, z.object({ items: z.array(wordsShape) }), {}), async () => ({
    items: (await templates.list()).map(viewWords),
  }));

  const compare = {
    operationId: 'compareTemplates',
    tag,
    summary: 'What an upgrade of a source’s words would change',
  };
  const comparing = { params: of, querystring: closed({ medium: medium.default('text') }), refusals: [404] as const };
  api.get('/v1/templates/:source/diff', route('viewer', compare, comparisonShape, comparing), async (request) => {
    const {
      messages,
      medium: compared,
      ...words
    } = await templates.compare(request.params.source, request.query.medium);
    return { ...viewWords(words), medium: compared, messages };
  });

  const upgrade = {
    operationId: 'upgradeTemplates',
    tag,
    summary: 'Say what the loaded release says, from the next message on',
  };
  const upgrading = { params: of, body: closed({}), refusals: [404] as const };
  api.post('/v1/templates/:source/upgrade', route('admin', upgrade, wordsShape, upgrading), async (request) =>
    viewWords(await templates.upgrade(request.params.source)),
  );

  const render = {
    operationId: 'renderMessage',
    tag,
    summary: 'What a target is, or would be, told of a group or a stored request; nothing is sent',
  };
  const rendering = {
    querystring: closed({
      target: described(z.string().max(128), 'The id of a configured target.'),
      group: described(z.string().max(40), 'The id of a group; this or `request` is needed.').optional(),
      request: described(z.coerce.number().int().positive(), 'The id of a stored request.').optional(),
    }),
    refusals: [404] as const,
  };
  const answer = z.object({ items: described(z.array(renderedShape), 'One for each group of a request.') });
  api.get('/v1/render', route('viewer', render, answer, rendering), async ({ query }, reply) => {
    const { target, group, request } = query;
    if (group !== undefined && request === undefined) return view(await templates.renderGroup(group, target));
    if (request !== undefined && group === undefined) return view(await templates.renderRequest(request, target));
    return refused(reply, invalid('query', 'name either `group` or `request`'));
  });
}

function viewWords({ pinned, ...words }: SourceWords): z.output<typeof wordsShape> {
  return { ...words, pinned: { version: pinned.version, at: isoTime(pinned.at) } };
}

function view(items: Rendered[]): { items: Rendered[] } {
  return { items };
}
