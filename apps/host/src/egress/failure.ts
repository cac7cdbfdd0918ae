import { TocsinError } from '@tocsin/core';

/** A connection or an answer that failed and may succeed later. What the guard denies is no such thing. */
export class Failure extends TocsinError {
  constructor(message: string, remedy: string, cause?: unknown) {
    super('egress', message, { remedy, cause });
  }
}

/** What an error of Node or undici means to an operator. `where` is `chat.example.com:443`. */
export function explain(error: unknown, where: string): Failure {
  const code = codeOf(error);
  const [why, remedy] = Object.hasOwn(meanings, code) ? (meanings[code] as Meaning) : meaningOf(error, code);
  const detail = code === 'ERR_TLS_CERT_ALTNAME_INVALID' ? ` (${messageOf(error)})` : code === '' ? '' : ` (${code})`;
  return new Failure(`no answer from ${where}: ${why}${detail}`, remedy, error);
}

/** Why, and what to do. */
type Meaning = readonly [string, string];

const unknownAuthority: Meaning = [
  'no authority that is trusted here signed its certificate',
  'If it is your own authority, name its certificate: `targets[].ca`, or `egress.ca` for all targets.',
];
const unknownName: Meaning = [
  'nothing is known of this name',
  'Check its spelling, and the DNS servers: those of the system, or of `egress.resolver`.',
];
const noNameServer: Meaning = [
  'the DNS servers do not answer for this name',
  'Check the DNS servers: those of the system, or of `egress.resolver`.',
];
const unreachable: Meaning = ['there is no way to its address', 'Check the network, and whether it needs a proxy.'];
const cutOff: Meaning = [
  'it closed the connection before its answer was complete',
  'If it wants to know us, give it a `targets[].certificate`; else look at its own log.',
];
const noHandshake: Meaning = [
  'it and the hub agree on no TLS',
  'Check that the address speaks TLS 1.2 or newer; if it wants to know us, give it a `targets[].certificate`.',
];

const meanings: Readonly<Record<string, Meaning>> = {
  ECONNREFUSED: ['nobody listens there', 'Check host and port in its settings, and whether it runs.'],
  ENOTFOUND: unknownName,
  ENODATA: unknownName,
  EAI_AGAIN: noNameServer,
  ETIMEOUT: noNameServer,
  ESERVFAIL: noNameServer,
  EREFUSED: noNameServer,
  ETIMEDOUT: unreachable,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  ECONNRESET: cutOff,
  EPIPE: cutOff,
  UND_ERR_SOCKET: cutOff,
  CERT_HAS_EXPIRED: ['its certificate has expired', 'Have it renewed; the hub goes on trying.'],
  CERT_NOT_YET_VALID: ['its certificate is not valid yet', 'Check the clocks of both machines.'],
  CERT_REVOKED: ['its certificate was revoked', 'Have it replaced; the hub goes on trying.'],
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'its certificate is for another name',
    'Write the name that the certificate has, or have one made for this name.',
  ],
  UND_ERR_HEADERS_TIMEOUT: ['it took too long', 'If it may take that long, raise `egress.timeouts.headers`.'],
  TimeoutError: ['it took too long', 'Look at its own log; `egress.timeouts` are the bounds.'],
};

function meaningOf(error: unknown, code: string): Meaning {
  if (/CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_UNKNOWN/.test(code)) {
    return ['it does not accept who we are', 'Give it a certificate that it knows: `targets[].certificate`.'];
  }
  if (/^ERR_SSL_|^EPROTO$/.test(code)) return noHandshake;
  return [messageOf(error), 'The hub tries again.'];
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if (error.name === 'TimeoutError') return error.name;
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
