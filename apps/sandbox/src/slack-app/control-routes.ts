import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { findChannel, type Team } from './directory.ts';
import { revoke, uninstall, verifyAddress } from './events.ts';
import { press, pressSchema } from './press.ts';
import { stateOf } from './state.ts';
import type { Workspaces } from './workspaces.ts';

const id = z.string().max(100);
const address = z.url({ protocol: /^https?$/, normalize: false }).max(2_000);

const schemas = {
  press: pressSchema,
  event: z.strictObject({ type: z.literal(['app_uninstalled', 'tokens_revoked']), team: id }),
  app: z.strictObject({
    interactivity: address.optional(),
    events: address.optional(),
    /** Off for a test whose app isn't up yet. */
    verify: z.boolean().default(true),
  }),
  channel: z.strictObject({
    channel: id,
    name: z.string().min(1).max(80).optional(),
    isArchived: z.boolean().optional(),
    hasBot: z.boolean().optional(),
  }),
  /** `editWindow` in seconds; null: never closed. */
  workspace: z.strictObject({ team: id, editWindow: z.int().min(0).nullable() }),
  say: z.strictObject({
    channel: id,
    user: id.optional(),
    text: z.string().min(1).max(40_000),
    thread_ts: id.optional(),
  }),
  delete: z.strictObject({ channel: id, ts: id }),
};

type Wanted<Name extends keyof typeof schemas> = z.output<(typeof schemas)[Name]>;

/** What is answered with another status than 200. */
class Refused {
  readonly status: number;
  readonly error: string;
  constructor(status: number, error: string) {
    this.status = status;
    this.error = error;
  }
}

/** The handle for tests: what people and admins do in the workspaces, and how these stand. */
export function addSlackControlRoutes(app: FastifyInstance, workspaces: Workspaces): void {
  app.get('/slack/state', async () => stateOf(workspaces));

  const add = <Name extends keyof typeof schemas>(
    name: Name,
    act: (wanted: Wanted<Name>) => Promise<object | Refused>,
  ): void => {
    app.post(`/control/slack/${name}`, async (request: FastifyRequest, reply: FastifyReply) => {
      const wanted = schemas[name].safeParse(request.body);
      if (!wanted.success) return reply.code(400).send({ error: z.prettifyError(wanted.error) });
      const result = await act(wanted.data as Wanted<Name>); // of the same schema, which the compiler loses sight of
      workspaces.messages.changes.wake();
      return result instanceof Refused ? reply.code(result.status).send({ error: result.error }) : result;
    });
  };

  add('press', async (wanted) => {
    const result = await press(wanted, workspaces);
    return 'fault' in result ? new Refused(result.status, result.fault) : { ...result.answer, payload: result.payload };
  });

  add('event', async ({ type, team: wanted }) => {
    const team = teamOf(wanted, workspaces);
    if (!team) return unknownTeam(wanted);
    const tokens = workspaces.tokens.activeOf(team.id);
    if (tokens.length === 0) return new Refused(409, `the app is not installed in ${team.name}`);
    return {
      events: await (type === 'app_uninstalled' ? uninstall(team, workspaces) : revoke(team, tokens, workspaces)),
    };
  });

  add('app', async ({ interactivity, events, verify }) => {
    if (events !== undefined && verify) {
      const { fault } = await verifyAddress(events, workspaces);
      if (fault !== undefined) return new Refused(422, `${events}: ${fault}`);
    }
    const { callbacks } = workspaces;
    callbacks.urls = { ...callbacks.urls, ...(interactivity && { interactivity }), ...(events && { events }) };
    return callbacks.urls;
  });

  add('channel', async ({ channel: wanted, ...changes }) => {
    const channel = findChannel(workspaces.teams, wanted)?.channel;
    return channel ? Object.assign(channel, changes) : unknownChannel(wanted);
  });

  add('workspace', async ({ team: wanted, editWindow }) => {
    const team = teamOf(wanted, workspaces);
    if (!team) return unknownTeam(wanted);
    if (editWindow === null) delete team.editWindow;
    else team.editWindow = editWindow;
    return { team: team.id, editWindow };
  });

  add('say', async ({ channel, user, text, thread_ts: threadTs }) => {
    const place = findChannel(workspaces.teams, channel);
    const person = place?.team.people.find((one) => user === undefined || one.id === user);
    if (!place || !person) return unknownChannel(channel);
    const { ts } = workspaces.messages.post({
      team: place.team.id,
      channel,
      author: { user: person.id },
      content: { text },
      origin: '',
      ...(threadTs !== undefined && { threadTs }),
    });
    return { ts };
  });

  add('delete', async ({ channel, ts }) => {
    const message = workspaces.messages.find(channel, ts);
    if (!message) return new Refused(404, 'there is no message with that channel and ts');
    workspaces.messages.delete(message);
    return { channel, ts };
  });
}

function teamOf(id: string, { teams }: Workspaces): Team | undefined {
  return teams.find((team) => team.id === id);
}

function unknownTeam(id: string): Refused {
  return new Refused(404, `there is no workspace ${id}; GET /slack/state lists them`);
}

function unknownChannel(id: string): Refused {
  return new Refused(404, `there is no channel ${id} with that person; GET /slack/state lists them`);
}
