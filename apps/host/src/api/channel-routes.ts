import { eventKinds } from '@tocsin/core';
import { formatMatcher } from '@tocsin/engine';
import { z } from 'zod';
import type { ListedChannel } from '../channels/desk.ts';
import type { HostContext } from '../context.ts';
import { type Failure, refused } from './failure.ts';
import { notInstalled } from './installation-routes.ts';
import { type Api, nameOf, route } from './route.ts';
import { channelShape, closed, described } from './schemas.ts';
import { isoTime } from './time.ts';

const tag = 'channels';

const channelList = z.object({ items: z.array(channelShape) });

const id = described(
  z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'is no id; use small letters, digits and `-`, at most 63, the first no `-`'),
  'Of the channel.',
);

/** What a channel may say is checked by the config's own schema, which names each fault. */
const given = described(
  z.record(z.string(), z.unknown()),
  'As `channels` of the config file has it, without the id: `match`, `subscriptions`, `states`.',
).meta({
  examples: [
    {
      match: ['team="storage"'],
      subscriptions: [{ name: 'on call', target: 'ops', events: ['firing', 'acknowledged', 'resolved'] }],
    },
  ],
});

/** Channels: those of the config file, and those that are made here and lie in the store. */
export function registerChannelRoutes(api: Api, host: HostContext): void {
  const { channels, installations } = host;
  const list = { operationId: 'listChannels', tag, summary: 'All channels; those of the config file first' };
  api.get('/v1/channels', route('viewer', list, channelList, {}), async () => ({
    items: channels.list().map(viewChannel),
  }));

  const params = closed({ id });
  const read = { operationId: 'getChannel', tag, summary: 'One channel' };
  api.get(
    '/v1/channels/:id',
    route('viewer', read, channelShape, { params, refusals: [404] }),
    async ({ params }, reply) => {
      const found = channels.list().find(({ channel }) => channel.id === params.id);
      return found ? viewChannel(found) : refused(reply, unknownChannel(params.id));
    },
  );

  const put = {
    operationId: 'putChannel',
    tag,
    summary: 'Make a channel, or change the one with this id; it tells what it says from the next event on',
  };
  api.put(
    '/v1/channels/:id',
    route('operator', put, channelShape, { params, body: given, refusals: [409, 422] }),
    async (request, reply) => {
      const { params, body, token } = request;
      if (channels.isOfFile(params.id)) return refused(reply, readOnly(params.id));
      const missing = installations.missingIn(channels.read(params.id, body).subscriptions);
      if (missing.length > 0) return refused(reply, notInstalled(missing, host.url));
      return viewChannel(await channels.put(params.id, body, nameOf(token)));
    },
  );

  const remove = {
    operationId: 'deleteChannel',
    tag,
    summary: 'Remove a channel; what was queued for it is cancelled',
  };
  api.delete(
    '/v1/channels/:id',
    route('operator', remove, params, { params, refusals: [404, 409] }),
    async ({ params }, reply) => {
      if (channels.isOfFile(params.id)) return refused(reply, readOnly(params.id));
      return (await channels.remove(params.id)) ? params : refused(reply, unknownChannel(params.id));
    },
  );
}

function viewChannel({ channel, made, problems }: ListedChannel): z.output<typeof channelShape> {
  return {
    id: channel.id,
    origin: made ? 'api' : 'file',
    match: channel.match.map(formatMatcher),
    subscriptions: channel.subscriptions.map(({ name, target, address, events = [...eventKinds] }) => ({
      name,
      target,
      address: address === undefined || typeof address === 'string' ? (address ?? null) : addressText(address.parts),
      events,
    })),
    written: made?.written ?? null,
    author: made?.author ?? null,
    changedAt: made ? isoTime(made.at) : null,
    problems: problems.map(({ path, message }) => ({ path, message })),
  };
}

function addressText(parts: readonly (string | { label: string })[]): string {
  return parts.map((part) => (typeof part === 'string' ? part : `{{labels.${part.label}}}`)).join('');
}

function unknownChannel(channel: string): Failure {
  return {
    status: 404,
    code: 'not-found',
    message: `there is no channel ${channel}`,
    remedy: 'GET /api/v1/channels lists them all.',
  };
}

function readOnly(channel: string): Failure {
  return {
    status: 409,
    code: 'read-only',
    message: `the channel ${channel} stands in the config file`,
    remedy: 'Change it there and start the host again, or make one with another id.',
  };
}
