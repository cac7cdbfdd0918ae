import type { Store } from '@tocsin/engine';
import type { Logger } from 'pino';
import { secretReference } from '../config/secret-id.ts';
import type { Troubles } from '../troubles/troubles.ts';
import { allowsTarget } from './reach.ts';
import type { SecretStore } from './secret-store.ts';

interface Surroundings {
  secrets: Pick<SecretStore, 'list' | 'missing'>;
  troubles: Pick<Troubles, 'secretMissing' | 'secretSet' | 'isBroken'>;
}

/** Says, in the log and as an alarm, which targets will have to wait for a secret, or may not use one that they name. */
export function reportAtStart({ secrets, troubles, log }: Surroundings & { log: Pick<Logger, 'warn'> }): void {
  for (const { id, users } of secrets.missing()) {
    log.warn({ targets: users }, `the secret ${secretReference(id)} is not set: tocsin secrets set ${id}`);
    for (const target of users) troubles.secretMissing(target, id);
  }
  for (const { users, ...secret } of secrets.list()) {
    const denied = users.filter((target) => !allowsTarget(secret, target));
    if (denied.length === 0) continue;
    const what = `the secret ${secretReference(secret.id)} is not for it`;
    log.warn({ targets: denied }, `${what}: tocsin secrets set ${secret.id} --keep-value --targets …`);
    for (const target of denied) troubles.isBroken(target, '', what);
  }
}

/** After a secret was set: what its targets are owed is tried now, also where the old value had them switched off. */
export async function letGo(
  targets: readonly string[],
  { secrets, troubles, store }: Surroundings & { store: Pick<Store, 'enable' | 'hurry' | 'query'> },
): Promise<void> {
  const waiting = new Set(secrets.missing().flatMap(({ users }) => users));
  const disabled = new Set((await store.query.lanes()).filter((lane) => lane.disabled).map((lane) => lane.target));
  for (const target of targets) {
    if (!waiting.has(target)) troubles.secretSet(target);
    if (disabled.has(target)) await store.enable(target);
    else await store.hurry(target);
  }
}
