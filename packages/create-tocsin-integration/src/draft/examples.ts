import type { AlertStatus } from '@tocsin/core';
import type { Decisions } from './decisions.ts';
import { type Guess, guessOn } from './guess.ts';
import { type DraftRequest, isObject, readPath } from './samples.ts';
import { addedStatus } from './status.ts';

export interface Examples {
  /** The bodies by the names of their files. */
  bodies: Map<string, unknown>;
  guesses: Guess[];
}

/** The requests as examples, `firing` and `resolved` among them; the one that there is none of is made up. */
export function examplesOf(requests: readonly DraftRequest[], decisions: Decisions): Examples {
  const bodies = new Map<string, unknown>();
  const guesses: Guess[] = [];
  const statuses = requests.map((_, index) => statusOf(index, decisions));
  const firing = statuses.indexOf('firing');
  const identity = (request: number) => JSON.stringify(identitiesOf(request, decisions));
  // A resolution of something else doesn't close what the first example opens.
  const resolved = statuses.findIndex(
    (status, index) => status === 'resolved' && (firing < 0 || identity(index) === identity(firing)),
  );
  const add = (name: string, body: unknown) => {
    let [unique, count] = [name, 1];
    while (bodies.has(unique)) unique = `${name}-${++count}`;
    bodies.set(unique, body);
  };
  const makeUp = (name: 'firing' | 'resolved', from: number) => {
    add(name, changedTo(name, requests[from]?.body, decisions));
    guesses.push(
      guessOn(
        `examples/${name}.json`,
        `It is made up from ${requests[from]?.name}, with another status. Take a real one of the same thing.`,
      ),
    );
  };
  const first = firing >= 0 ? firing : Math.max(0, resolved);
  if (firing >= 0) add('firing', requests[firing]?.body);
  else makeUp('firing', first);
  if (resolved >= 0) add('resolved', requests[resolved]?.body);
  else makeUp('resolved', first);
  requests.forEach(({ body }, index) => {
    if (index !== firing && index !== resolved)
      add(statuses[index] === 'resolved' ? 'resolved-other' : (statuses[index] ?? 'other'), body);
  });
  return { bodies, guesses };
}

/** The request's one status; `firing` where some of its alerts fire. */
function statusOf(request: number, { samples, status }: Decisions): AlertStatus {
  const all = status.statuses.filter((_, index) => samples.list[index]?.request === request);
  return all.includes('firing') ? 'firing' : (all[0] ?? 'firing');
}

function identitiesOf(request: number, { samples, identity }: Decisions): string[] {
  return samples.list
    .flatMap((sample, index) =>
      sample.request === request ? [JSON.stringify(identity.fingerprint.map(({ values }) => values[index]))] : [],
    )
    .sort();
}

function changedTo(status: 'firing' | 'resolved', body: unknown, { status: decision, samples }: Decisions): unknown {
  const copy = structuredClone(body);
  const { field } = decision;
  const path = field?.path ?? [addedStatus];
  const holders = field?.of === 'payload' || samples.alertsAt === undefined ? [copy] : readPath(copy, samples.alertsAt);
  for (const holder of Array.isArray(holders) ? holders : []) {
    const parent = readPath(holder, path.slice(0, -1));
    // The path was read in this very body, or is a field of the alert itself.
    if (isObject(parent)) (parent as Record<string, unknown>)[path.at(-1) as string] = decision[status];
  }
  return copy;
}
