import { wellFormed } from '@tocsin/core';
import type { ActionSignal, GroupSummary, Store } from '@tocsin/engine';
import { type Failure, unknownGroup } from './failure.ts';

/** What a person did, or why it was refused. */
export type Acted = { changed: boolean; group: GroupSummary } | { refused: Failure };

/** Commits one action on one group; resolves when it is durable. */
export async function act(store: Store, action: Omit<ActionSignal, 'kind'>): Promise<Acted> {
  const comment = action.comment?.trim();
  const [outcome] = await store.commit([
    {
      ...action,
      kind: 'action',
      actor: wellFormed(action.actor),
      comment: comment ? wellFormed(comment) : undefined,
    },
  ]);
  if (outcome?.result === 'refused') return { refused: refusal(outcome.reason, action.group) };
  const group = await store.query.group(action.group);
  if (!group) return { refused: unknownGroup(action.group) };
  return { changed: outcome?.result === 'grouped', group };
}

/** Why the store did not take an action. */
export function refusal(reason: 'unknown-group' | 'resolved' | 'older-incarnation', id: string): Failure {
  switch (reason) {
    case 'unknown-group':
      return unknownGroup(id);
    case 'resolved':
      return {
        status: 409,
        code: 'resolved',
        message: `group ${id} is resolved already; nothing was changed`,
        remedy: 'If it happens again, that is a new incarnation or a new group: act on that one.',
      };
    case 'older-incarnation':
      return {
        status: 409,
        code: 'older-incarnation',
        message: `group ${id} has fired again since the incarnation that you named; nothing was changed`,
        remedy: 'Look at the group as it is now, and decide again.',
      };
  }
}
