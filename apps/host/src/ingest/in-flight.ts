import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { largestBody } from './body.ts';

/** Bytes of bodies that may be under way at a time, over all connections. */
const mostInFlight = 128 * 1024 * 1024;

/** Counts the bodies that are being read or worked on, so that many senders together can't exhaust the memory. */
export class InFlight {
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * False when there is no room; otherwise the room is given back when the request is over, however it ends. `most` is
   * less for those of whom nothing is known.
   */
  take(request: FastifyRequest, most = mostInFlight): boolean {
    const size = sizeOf(request);
    if (this.#bytes + size > most) return false;
    this.#bytes += size;
    request.bodyRoom = size;
    return true;
  }

  release(request: FastifyRequest): void {
    this.#bytes -= request.bodyRoom;
    request.bodyRoom = 0;
  }

  watch(app: FastifyInstance): void {
    app.decorateRequest('bodyRoom', 0);
    app.addHook('onResponse', (request: FastifyRequest, _reply: FastifyReply, done) => {
      this.release(request);
      done();
    });
    app.addHook('onRequestAbort', (request: FastifyRequest, done) => {
      this.release(request);
      done();
    });
  }
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Bytes that this request holds of what may be in flight. */
    bodyRoom: number;
  }
}

/** What the sender says, or the most that is read where it doesn't say. */
function sizeOf({ headers, method }: FastifyRequest): number {
  if (method !== 'POST') return 0;
  const declared = Number(headers['content-length']);
  return Number.isSafeInteger(declared) && declared >= 0 ? Math.min(declared, largestBody) : largestBody;
}
