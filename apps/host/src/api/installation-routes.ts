import type { Place } from '@tocsin/core';
import { z } from 'zod';
import type { HostContext } from '../context.ts';
import type { InstallationInfo } from '../installations/record.ts';
import { isRefusal } from '../installations/vendor.ts';
import type { WantedWorkspace } from '../installations/wanted.ts';
import { type Failure, refused } from './failure.ts';
import { type Api, nameOf, route } from './route.ts';
import { closed, described, installationShape, placeShape } from './schemas.ts';
import { unknownTarget } from './target-routes.ts';
import { isoTime, isoTimeOrNull } from './time.ts';

const tag = 'targets';
const id = z.string().max(128);
const mostPlaces = 200;

/** The workspaces that have let an app in, and where messages can go there. */
export function registerInstallationRoutes(api: Api, host: HostContext): void {
  const { registry, installations } = host;
  /** Why nothing of the kind can be asked of the target. */
  const unfit = (target: string): Failure | undefined => {
    if (!registry.targets.has(target)) return unknownTarget(target, registry.targets.keys());
    return installations.isInstallable(target) ? undefined : notInstallable(target);
  };

  const list = {
    operationId: 'listInstallations',
    tag,
    summary: 'The workspaces that have let the app of a target in',
  };
  const listShape = z.object({
    items: z.array(installationShape),
    missing: described(z.array(z.string()), 'Workspaces that the rules tell something and that lack the app.'),
  });
  const one = { params: z.object({ id }), refusals: [404, 409] as const };
  api.get('/v1/targets/:id/installations', route('viewer', list, listShape, one), async ({ params }, reply) => {
    const failure = unfit(params.id);
    if (failure) return refused(reply, failure);
    return {
      items: installations.all.list(params.id).map(viewInstallation),
      missing: installations.missing().flatMap(({ target, workspace }) => (target === params.id ? [workspace] : [])),
    };
  });

  const remove = {
    operationId: 'deleteInstallation',
    tag,
    summary: 'Take the app of a target out of a workspace; what is owed there waits',
  };
  const removedShape = z.object({
    deleted: described(z.string(), 'The workspace.'),
    notRevoked: described(z.string().nullable(), 'Why the vendor still has the token, if it does; the host has not.'),
  });
  const both = { params: z.object({ id, workspace: z.string().max(64) }), refusals: [404, 409] as const };
  api.delete(
    '/v1/targets/:id/installations/:workspace',
    route('admin', remove, removedShape, both),
    async ({ params, token }, reply) => {
      const failure = unfit(params.id);
      if (failure) return refused(reply, failure);
      const removed = await installations.remove(params.id, params.workspace, nameOf(token));
      if (!removed) return refused(reply, unknownWorkspace(params.id, params.workspace, host.url));
      return { deleted: params.workspace, notRevoked: removed.notRevoked ?? null };
    },
  );

  const places = {
    operationId: 'listPlaces',
    tag,
    summary: 'Where messages of an app can go: the places of a workspace, with the address that a subscription gives',
    description:
      'An address holds the vendor’s ids, so a place may change its name. A private place is listed once the app was invited.',
  };
  const placesShape = z.object({
    workspace: z.object({ id: z.string(), name: z.string() }),
    items: z.array(placeShape),
    isComplete: described(z.boolean(), 'False: there are more; ask for a part of the name.'),
  });
  const asked = {
    params: z.object({ id }),
    querystring: closed({
      installation: described(
        z.string().max(64),
        'Id of the workspace; may be left out where there is one alone.',
      ).optional(),
      query: described(z.string().max(100), 'A part of the name, in any case, or the id.').optional(),
    }),
    refusals: [404, 409] as const,
  };
  api.get('/v1/targets/:id/places', route('operator', places, placesShape, asked), async ({ params, query }, reply) => {
    const failure = unfit(params.id);
    if (failure) return refused(reply, failure);
    const all = installations.all.list(params.id);
    const found =
      query.installation === undefined ? only(all) : all.find((each) => each.workspace === query.installation);
    if (!found) {
      return query.installation === undefined
        ? refused(reply, whichWorkspace(params.id, all, host.url))
        : refused(reply, notInstalled([{ target: params.id, workspace: query.installation }], host.url));
    }
    const answer = await installations.places(params.id, found.workspace);
    if (isRefusal(answer)) return refused(reply, vendorFailure(answer));
    const matching = answer.places.filter((place) => isMatch(place, query.query ?? ''));
    return {
      workspace: { id: found.workspace, name: found.name },
      items: matching.slice(0, mostPlaces).map((place) => viewPlace(place, found)),
      isComplete: !answer.isCut && matching.length <= mostPlaces,
    };
  });
}

/** What is to be told where the app isn't. */
export function notInstalled(missing: readonly WantedWorkspace[], url: string): Failure {
  const where = missing.map(({ target, workspace }) => `${workspace} (target ${target})`).join(', ');
  return {
    status: 409,
    code: 'not-installed',
    message: `the app is not installed in the workspace ${where}`,
    remedy: `Install the app there first: ${url}/installations`,
  };
}

function only<Item>(items: readonly Item[]): Item | undefined {
  return items.length === 1 ? items[0] : undefined;
}

function isMatch({ id: place, name }: Place, query: string): boolean {
  const text = query.replace(/^#/, '').toLowerCase();
  return name.toLowerCase().includes(text) || place.toLowerCase() === text;
}

function viewPlace({ isArchived, isPrivate, isMember, ...place }: Place, { workspace }: InstallationInfo) {
  const hint = isArchived
    ? 'archived: nothing can be posted there'
    : isPrivate && !isMember
      ? 'private: invite the bot there first'
      : null;
  return { ...place, address: `${workspace}/${place.id}`, isPrivate, isMember, isArchived, hint };
}

export function viewInstallation({ workspace, name, scopes, author, installedAt, ended }: InstallationInfo) {
  return {
    id: workspace,
    name,
    scopes,
    author,
    installedAt: isoTime(installedAt),
    endedAt: isoTimeOrNull(ended?.at ?? null),
    reason: ended?.reason ?? null,
  };
}

function notInstallable(target: string): Failure {
  return {
    status: 409,
    code: 'not-installable',
    message: `no workspace installs the target ${target}: with its settings it is no app that several can`,
    remedy: 'If it shall be one, give it the settings of an app: its integration’s how-to names them.',
  };
}

function unknownWorkspace(target: string, workspace: string, url: string): Failure {
  return {
    status: 404,
    code: 'not-found',
    message: `the app of ${target} is not in a workspace ${JSON.stringify(workspace.slice(0, 40))}`,
    remedy: `Those that have it are on the page ${url}/installations.`,
  };
}

function whichWorkspace(target: string, all: readonly InstallationInfo[], url: string): Failure {
  if (all.length === 0) {
    return {
      status: 409,
      code: 'not-installed',
      message: `no workspace has the app of ${target} yet`,
      remedy: `Install the app first: ${url}/installations`,
    };
  }
  return {
    status: 409,
    code: 'which-workspace',
    message: `several workspaces have the app of ${target}`,
    remedy: `Name one as \`installation\`: ${all.map(({ workspace, name }) => `${workspace} (${name})`).join(', ')}.`,
  };
}

function vendorFailure({ refused: reason, after }: { refused: string; after?: number }): Failure {
  return {
    status: 503,
    code: 'vendor',
    message: reason,
    headers: { 'retry-after': String(Math.ceil((after ?? 30_000) / 1000)) },
  };
}
