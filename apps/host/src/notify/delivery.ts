import { setTimeout as delay } from 'node:timers/promises';
import type { Answer } from './post.ts';
import type { Kept, Spool } from './spool.ts';

interface Delivery {
  spool: Spool;
  /** Sends one body and takes no longer than so many milliseconds. */
  send(body: string, patience: number): Promise<Answer>;
  /** Milliseconds until all of it has to be over. */
  left(): number;
  /** Told of each that the hub refused, with where it is now. */
  onRefused(reason: string, file: string): void;
}

/** A notification that another process sends is looked for again after so many milliseconds. */
const pause = 20;

/** How long one may take when many are sent, in milliseconds. */
const mostForOne = 4_500;

/**
 * Sends what was kept before this one, then this one. A recovery must not come before its problem, so that all wait for
 * what is older, whichever process sends it; what can't be sent in time stays kept, in its place.
 */
export async function deliverInTurn(own: Kept, delivery: Delivery): Promise<Answer> {
  const before = await deliverKept(delivery, own);
  const answer = before ?? (await deliver(own, delivery));
  if (answer.kind === 'later') delivery.spool.release(own);
  return answer;
}

/** Sends what is kept, the oldest first, up to one of them; an answer is why the rest has to wait. */
export async function deliverKept(delivery: Delivery, until?: Kept): Promise<Answer | undefined> {
  const { spool, left } = delivery;
  for (;;) {
    const oldest = spool.kept().find(({ name }) => until === undefined || name < until.name);
    if (oldest === undefined) return undefined;
    if (left() <= pause) return { kind: 'later', reason: 'older ones are still being sent' };
    const claimed = oldest.isClaimed ? undefined : spool.claim(oldest);
    if (claimed === undefined) {
      await delay(pause);
      continue;
    }
    const answer = await deliver(claimed, delivery);
    if (answer.kind === 'later') {
      spool.release(claimed);
      return answer;
    }
  }
}

async function deliver(kept: Kept, { spool, send, left, onRefused }: Delivery): Promise<Answer> {
  const answer = await send(spool.read(kept), Math.min(left(), mostForOne));
  if (answer.kind === 'accepted') spool.remove(kept);
  if (answer.kind === 'refused') onRefused(answer.reason, spool.refuse(kept));
  return answer;
}
