import { z } from 'zod';
import { secretIdPart, secretReference } from '../config/secret-id.ts';
import type { HostContext } from '../context.ts';
import { shortestMasked } from '../secret-forms.ts';
import { allowsTarget, readHost } from '../secrets/reach.ts';
import type { ListedSecret } from '../secrets/secret-store.ts';
import { type Failure, refused } from './failure.ts';
import { type Api, nameOf, route } from './route.ts';
import { closed, described, rotatedShape, secretListShape, secretShape, writtenOnly } from './schemas.ts';
import { isoTime } from './time.ts';

const tag = 'secrets';

const part = z.string().regex(secretIdPart, 'is letters, digits, `.`, `_` and `-`, at most 253, the first no sign');
const params = z.object({ name: part, key: part });

const value = z
  .string()
  .min(shortestMasked, `has fewer than ${shortestMasked} characters: it could not be masked where somebody repeats it`)
  .max(8192, 'is longer than 8192 characters')
  .refine((text) => text.isWellFormed() && !text.includes('\0'), 'has characters that are none')
  .refine((text) => text.trim() !== '', 'is empty');

const host = z
  .string()
  .max(300)
  .refine((text) => readHost(text) !== undefined, 'is no host; write `hooks.example.com`, `*.example.com` or `*`');

const target = z.string().regex(/^([a-z0-9][a-z0-9-]{0,62}|\*)$/, 'is no id of a target');

const written = closed({
  value: writtenOnly(value, 'What is secret. May be left out where there is one already: it stays.').optional(),
  hosts: described(
    z.array(host).min(1, 'is empty; leave it out, or write `*`').max(100),
    'Who may get it: exact names and addresses, `*.example.com` for every name below, `*` for any. Left out, it stays as it is; at first `*`.',
  ).optional(),
  targets: described(
    z.array(target).min(1, 'is empty; leave it out, or write `*`').max(200),
    'Which targets may use it, `*` for any. Left out, it stays as it is; at first `*`.',
  ).optional(),
});

/** Secrets are written here and never read: no answer has a value. */
export function registerSecretRoutes(api: Api, { secrets, log }: HostContext, now: () => number): void {
  const list = {
    operationId: 'listSecrets',
    tag,
    summary: 'The secrets, without their values, and who refers to them',
  };
  api.get('/v1/secrets', route('admin', list, secretListShape, {}), () => ({
    items: secrets.list().map(viewSecret),
    missing: secrets.missing().map(({ id, users }) => ({ ...namesOf(id), users: [...users] })),
  }));

  const put = {
    operationId: 'putSecret',
    tag,
    summary: 'Make a secret, or replace its value; settings refer to it by `${secret:name/key}`',
    description: 'It is used from the next attempt on, and what waits for it is tried now.',
  };
  const parts = { params, body: written, refusals: [404, 409] as const };
  api.put('/v1/secrets/:name/:key', route('admin', put, secretShape, parts), async (request, reply) => {
    const { body, params: names } = request;
    const id = `${names.name}/${names.key}`;
    const { targets, hosts, value: given } = body;
    const excluded = targets ? secrets.usersOf(id).filter((user) => !allowsTarget({ targets }, user)) : [];
    if (excluded.length > 0) return refused(reply, inUse(id, excluded, 'would not be for'));
    const change = {
      ...(given === undefined ? {} : { value: given }),
      ...(targets === undefined ? {} : { targets }),
      ...(hosts === undefined ? {} : { hosts: hosts.flatMap((text) => readHost(text) ?? []) }),
    };
    const set = await secrets.set(id, change, nameOf(request.token), now());
    const reach = { hosts: set.hosts, targets: set.targets };
    log.info({ actor: set.author, secret: id, ...reach, isValueKept: given === undefined }, 'secret set');
    return viewSecret(set);
  });

  const remove = { operationId: 'deleteSecret', tag, summary: 'Delete a secret that no target refers to' };
  const deleted = z.object({ deleted: described(z.string(), 'Its name and key.') });
  const one = { params, refusals: [404, 409] as const };
  api.delete('/v1/secrets/:name/:key', route('admin', remove, deleted, one), async (request, reply) => {
    const id = `${request.params.name}/${request.params.key}`;
    const users = secrets.usersOf(id);
    const isThere = secrets.list().some((secret) => secret.id === id);
    if (isThere && users.length > 0) return refused(reply, inUse(id, users, 'is in use by'));
    if (!(await secrets.remove(id))) return refused(reply, unknownSecret(id));
    log.info({ actor: nameOf(request.token), secret: id }, 'secret deleted');
    return { deleted: id };
  });

  const rotate = {
    operationId: 'rotateSecrets',
    tag,
    summary: 'Put all secrets under the newest key; where the key is the host’s own, that is a new one',
  };
  api.post('/v1/secrets/rotate', route('admin', rotate, rotatedShape, { body: closed({}) }), async (request) => {
    const rotated = await secrets.rotate();
    log.info({ actor: nameOf(request.token), ...rotated }, 'secrets rotated');
    return rotated;
  });
}

function viewSecret({
  id,
  targets,
  hosts,
  users,
  isReadable,
  author,
  createdAt,
  updatedAt,
}: ListedSecret): z.output<typeof secretShape> {
  return {
    ...namesOf(id),
    hosts: [...hosts],
    targets: [...targets],
    users: [...users],
    isReadable,
    author,
    createdAt: isoTime(createdAt),
    updatedAt: isoTime(updatedAt),
  };
}

function namesOf(id: string) {
  const [name = '', key = ''] = id.split('/');
  return { name, key, reference: secretReference(id) };
}

function inUse(id: string, users: readonly string[], verb: string): Failure {
  return {
    status: 409,
    code: 'in-use',
    message: `the secret ${id} ${verb} ${users.length === 1 ? 'the target' : 'the targets'} ${users.join(', ')}`,
    remedy: `Take ${secretReference(id)} out of their settings and restart. To replace the value, set it: nothing else changes.`,
    faults: users.map((user) => ({ path: `targets.${user}`, message: `its settings have ${secretReference(id)}` })),
  };
}

function unknownSecret(id: string): Failure {
  return {
    status: 404,
    code: 'not-found',
    message: `there is no secret ${id}`,
    remedy: 'tocsin secrets list, or GET /api/v1/secrets, names them all.',
  };
}
