import type { Socket } from 'node:net';
import { z } from 'zod';

/** Most demands that may be outstanding at once. */
const MOST_DEMANDS = 100;
/** Most connections that are kept hanging at once; one more is reset instead. */
const MOST_HANGING = 100;

/** What a test may demand of the next requests. */
export const demandSchema = z.strictObject({
  /** The status to answer with, or `hang` (never answer) or `reset` (break the connection). */
  status: z.union([z.int().min(200).max(599), z.literal(['hang', 'reset'])]),
  /** Seconds, as the header `Retry-After`. */
  retryAfter: z.int().min(0).max(86_400).optional(),
  /** How many requests it holds for. */
  count: z.int().min(1).max(100_000).default(1),
  /** Only requests whose path starts so. */
  path: z.string().startsWith('/').max(2_000).optional(),
  /** The body of the answer, where the service's own words won't do. */
  body: z.string().max(10_000).optional(),
});

export type Demand = z.infer<typeof demandSchema>;

/** The answers that tests demanded and that no request has met yet, first come, first served. */
export class Failures {
  #demands: Demand[] = [];
  readonly #hanging = new Set<Socket>();

  /** Answers whether there was room for it. */
  demand(demand: Demand): boolean {
    if (this.#demands.length >= MOST_DEMANDS) return false;
    this.#demands.push({ ...demand });
    return true;
  }

  outstanding(): Demand[] {
    return this.#demands.map((demand) => ({ ...demand }));
  }

  /** The demand that holds for a request on this path, counted down; undefined if none does. */
  take(path: string): Demand | undefined {
    const demand = this.#demands.find((candidate) => path.startsWith(candidate.path ?? '/'));
    if (!demand) return undefined;
    demand.count -= 1;
    if (demand.count === 0) this.#demands.splice(this.#demands.indexOf(demand), 1);
    return demand;
  }

  /** Leaves a connection without an answer, in the way demanded. */
  abandon(socket: Socket, how: 'hang' | 'reset'): void {
    if (how === 'reset' || this.#hanging.size >= MOST_HANGING) {
      socket.resetAndDestroy();
      return;
    }
    this.#hanging.add(socket);
    socket.once('close', () => this.#hanging.delete(socket));
  }

  /** Forgets every demand and breaks the connections left hanging. */
  clear(): void {
    this.#demands = [];
    for (const socket of this.#hanging) socket.destroy();
  }
}
