import { z } from 'zod';

/** A piece of what an HMAC is made over. */
export type SignedPart = 'body' | 'timestamp' | { text: string };

/**
 * How a source's callers prove themselves; the host does it, with all keys of the source. Names of headers are in lower
 * case. Where a vendor signs, the signature stands in for the key, and a wrong one is refused even beside the key.
 */
export type Verification =
  /** The source's key, in the address or in a header. */
  | { kind: 'key' }
  /** The key as the password of HTTP basic authentication, never in the address. `user` names the setting that the user must equal; without it, it may be anything. */
  | { kind: 'basic'; user?: string }
  /** The key as a Bearer token, never in the address. */
  | { kind: 'bearer' }
  | HmacVerification
  /** Standard Webhooks 1.0, `v1`: the keys are its secrets. `webhook-id` is the delivery's id where the source gives none. */
  | { kind: 'standard-webhooks' }
  /**
   * Amazon SNS, both versions of its signature; `topic` names the setting with the ARN that messages must have. The host
   * confirms the subscription, and the source gets notifications alone. `MessageId` is the delivery's id where it gives none.
   */
  | { kind: 'sns'; topic: string };

/** An HMAC with the key. Several signatures in one header are divided by commas. */
export interface HmacVerification {
  kind: 'hmac';
  /** Has the signature. */
  header: string;
  /** Stands before each signature: `sha256=`. Default: nothing. */
  prefix?: string;
  /** Default: hex, in which capitals count as small letters. */
  encoding?: 'hex' | 'base64';
  /** Default: sha256. */
  algorithm?: 'sha1' | 'sha256' | 'sha512';
  /** What is signed, in order. Default: the body, byte for byte. */
  signed?: readonly SignedPart[];
  /** When it was signed: seconds or milliseconds since 1970, or ISO 8601. */
  timestamp?: {
    header: string;
    /** Seconds that it may lie before or after our clock. Default: 300. */
    tolerance?: number;
    /** A request may lack it; then the body alone is signed. */
    optional?: true;
  };
}

/** How a target proves itself; the host does it as the request leaves, where the settings have the values. */
export type Authentication = SigningAuthentication | BasicAuthentication;

/** Standard Webhooks 1.0, `v1`, under the `webhook-id` that the request has. */
export interface SigningAuthentication {
  kind: 'standard-webhooks';
  /** Names the setting that has the secret, or a list of them: those that are valid during a rotation. */
  secret: string;
}

/** HTTP basic authentication, in the header `authorization`. */
export interface BasicAuthentication {
  kind: 'basic';
  /** Name the settings that have them. */
  user: string;
  password: string;
}

const header = z.string().regex(/^[a-z0-9-]+$/, 'is no name of a header in lower case');
const setting = z.string().min(1, 'names no setting');

const hmac = z
  .strictObject({
    kind: z.literal('hmac'),
    header,
    prefix: z.string().min(1, 'is empty').optional(),
    encoding: z.enum(['hex', 'base64']).optional(),
    algorithm: z.enum(['sha1', 'sha256', 'sha512']).optional(),
    signed: z
      .array(
        z.union(
          [z.enum(['body', 'timestamp']), z.strictObject({ text: z.string() })],
          "is no 'body', no 'timestamp' and no { text }",
        ),
      )
      .refine((parts) => parts.includes('body'), 'lacks the body')
      .optional(),
    timestamp: z
      .strictObject({
        header,
        tolerance: z.number().int().positive().max(86_400).optional(),
        optional: z.literal(true).optional(),
      })
      .optional(),
  })
  .refine(
    ({ timestamp, signed = [] }) => (timestamp !== undefined) === signed.includes('timestamp'),
    'has a timestamp that is not signed, or signs one that it has not',
  );

const verifications = {
  key: z.strictObject({ kind: z.literal('key') }),
  basic: z.strictObject({ kind: z.literal('basic'), user: setting.optional() }),
  bearer: z.strictObject({ kind: z.literal('bearer') }),
  hmac,
  'standard-webhooks': z.strictObject({ kind: z.literal('standard-webhooks') }),
  sns: z.strictObject({ kind: z.literal('sns'), topic: setting }),
} satisfies Record<Verification['kind'], z.ZodType>;

const authentications = {
  'standard-webhooks': z.strictObject({ kind: z.literal('standard-webhooks'), secret: setting }),
  basic: z.strictObject({ kind: z.literal('basic'), user: setting, password: setting }),
} satisfies Record<Authentication['kind'], z.ZodType>;

/** What is wrong with a definition's `verify`, which may be anything: a package is JavaScript. */
export function verificationFaults(given: unknown): string[] {
  return faultsOf('verify', verifications, given);
}

/** The same for a target's `auth`. */
export function authenticationFaults(given: unknown): string[] {
  return faultsOf('auth', authentications, given);
}

/** Whether the vendor signs what it sends, and not only shows a key. */
export function isSigned(verify: Verification | undefined): boolean {
  return verify !== undefined && ['hmac', 'standard-webhooks', 'sns'].includes(verify.kind);
}

/** The settings that a definition's `verify` or `auth` names. */
export function namedSettings(given: Verification | Authentication): string[] {
  if ('password' in given) return [given.user, given.password];
  if (given.kind === 'basic') return given.user === undefined ? [] : [given.user];
  if (given.kind === 'sns') return [given.topic];
  return 'secret' in given ? [given.secret] : [];
}

/** Those of an `auth` that nobody may see. */
export function secretSettings(auth: Authentication): string[] {
  return [auth.kind === 'basic' ? auth.password : auth.secret];
}

function faultsOf(part: string, schemas: Readonly<Record<string, z.ZodType>>, given: unknown): string[] {
  if (given === undefined) return [];
  const { kind } = Object(given) as Record<string, unknown>; // any object
  const schema = typeof kind === 'string' && Object.hasOwn(schemas, kind) ? schemas[kind] : undefined;
  if (!schema) {
    const known = Object.keys(schemas).join(', ');
    return [`\`${part}\` is of the kind ${JSON.stringify(kind)}, which this host does not know; there are ${known}`];
  }
  const issues = schema.safeParse(given).error?.issues ?? [];
  return issues.map(({ path, message }) => `\`${[part, ...path].join('.')}\` ${message}`);
}
