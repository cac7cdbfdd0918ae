import type { IncomingHttpHeaders } from 'node:http';

/** A request that claims to be signed. */
export interface Claim {
  headers: IncomingHttpHeaders;
  /** The bytes as they came. */
  body: Buffer;
  /** Milliseconds since 1970. */
  now: number;
}

/** What a signature is worth. */
export type Proof =
  /** There is none, or the source knows of none. */
  | { outcome: 'none' }
  /** `reason` is for the log: in words of ours, nothing of the request. */
  | { outcome: 'invalid'; reason?: string }
  /** What it takes to look at it can't be had now; the same request may be valid later. */
  | { outcome: 'unavailable'; reason: string }
  | ({ outcome: 'valid' } & Vouched);

/** What a valid signature says besides. */
export interface Vouched {
  /** The vendor's id of this delivery, the same on its retries. */
  deliveryId?: string;
  /** The body is JSON, although the vendor calls it something else. */
  isJson?: true;
  /** The request is not for the source but for the host, which has done this. */
  done?: string;
}

/** How the signatures of one source are looked at. */
export interface Verifier {
  /** The header without which nothing is signed. */
  header: string;
  verify(claim: Claim): Proof | Promise<Proof>;
}

/** The one value of a header. */
export function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}
