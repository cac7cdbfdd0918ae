import { isIP } from 'node:net';
import { durationPattern, TocsinError, toMilliseconds } from '@tocsin/core';
import { type Matcher, parseMatchers } from '@tocsin/engine';
import { z } from 'zod';
import { type EgressRule, parseEgressRule } from './egress-rule.ts';
import { type Listen, parseListen } from './listen.ts';
import { type NoProxyRule, parseNoProxy } from './no-proxy.ts';

/*
 * Texts that must have a form. What is wrong with one goes on after the quoted text: "`soon` is no duration; …".
 */

export const text = z.string().min(1);

export const id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'is no id; use small letters, digits and `-`, at most 63, the first no `-`')
  .refine((value) => value !== 'tocsin', 'is reserved for the hub itself; choose another id');

const longestDuration = 1000 * 86_400_000;

const noDuration = 'is no duration; write `30s`, `5m`, `1h30m`, `12h` or `3d`';

export const duration = z
  .string(noDuration)
  .regex(durationPattern, noDuration)
  .transform(
    parsed<number>((value) => {
      const milliseconds = toMilliseconds(value);
      return milliseconds <= longestDuration ? milliseconds : { fault: 'is longer than 1000 days' };
    }),
  );

const noSize = 'is no size; write `500MB` or `20GB`';

/** Bytes. */
export const size = z.string(noSize).transform(
  parsed<number>((value) => {
    const [, number, unit = ''] = /^(\d{1,6})(MB|GB|TB)$/.exec(value) ?? [];
    const factor = { MB: 1e6, GB: 1e9, TB: 1e12 }[unit];
    return factor === undefined || Number(number) === 0 ? { fault: noSize } : Number(number) * factor;
  }),
);

export const matcherText = z.string().transform(parsed<Matcher[]>(readMatchers));

export const egressRule = z.string().transform(parsed<EgressRule>(parseEgressRule));

export const noProxyRule = z.string().transform(parsed<NoProxyRule>(parseNoProxy));

/** As node:dns takes it. */
export const nameServer = z.string().transform(parsed<string>(readNameServer));

const noUrl = 'is no address; write `https://alerts.example.com`';

export const url = z.string(noUrl).transform(parsed<string>(readUrl));

export const defaultListen = '127.0.0.1:8080';

const noListen = 'is no host and port; write `127.0.0.1:8080` or `[::1]:8080`';

export const listen = z
  .string(noListen)
  .transform(parsed<Listen>((value) => parseListen(value) ?? { fault: noListen }));

export const store = z.string().transform(parsed<{ kind: 'sqlite'; path: string }>(readStore));

/** Why a value can't be read. */
interface Unreadable {
  /** Goes on after the quoted value. */
  fault: string;
  /** May repeat text of the value, so it is told only where the file itself says that text. */
  detail?: string;
  /** The place inside the value, in characters from 1. */
  column?: number;
}

/** A transform out of a function that gives the result or says what is wrong. */
function parsed<Result>(parse: (value: string) => Result | Unreadable) {
  return (value: string, context: z.core.$RefinementCtx<string>): Result => {
    const result = parse(value);
    if (result === null || typeof result !== 'object' || !('fault' in result)) return result as Result; // the other half of the union
    const { fault, detail, column } = result;
    context.addIssue({ code: 'custom', message: fault, params: { detail, column } });
    return z.NEVER;
  };
}

function readMatchers(value: string): Matcher[] | Unreadable {
  try {
    return parseMatchers(value);
  } catch (error) {
    if (!(error instanceof TocsinError)) throw error;
    const [fault] = error.faults;
    const detail = [fault?.message ?? error.message, error.remedy].filter(Boolean).join('. ');
    return { fault: 'is no matcher', detail, column: fault?.column };
  }
}

function readUrl(value: string): string | { fault: string } {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url || !/^https?:\/\//i.test(value)) return { fault: noUrl };
  if (url.username || url.password) return { fault: 'has a user or password in it; remove them' };
  if (url.search || url.hash) return { fault: 'has a `?` or `#` in it; keep scheme, host, port and path' };
  return url.href.replace(/\/+$/, '');
}

function readNameServer(value: string): string | { fault: string } {
  const [, bracketed, plain, digits] = /^(?:\[(.+)\]|([\d.]+))(?::(\d{1,5}))?$/.exec(value) ?? [];
  const address = bracketed ?? plain ?? value;
  const port = digits === undefined ? 53 : Number(digits);
  if (isIP(address) === 0 || port === 0 || port > 65_535) {
    return { fault: 'is no address of a DNS server; write `10.0.0.53` or `[fd00::53]:5353`' };
  }
  return isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}

function readStore(value: string): { kind: 'sqlite'; path: string } | { fault: string } {
  const form = 'write `sqlite:./data/tocsin.db`';
  if (/^postgres(ql)?:/i.test(value)) return { fault: `is not available yet in this version; ${form}` };
  const path = value.startsWith('sqlite:') ? value.slice('sqlite:'.length) : '';
  if (path === '' || path.includes('\0')) return { fault: `is no store; ${form}` };
  if (path === ':memory:') return { fault: `keeps nothing over a restart; ${form}` };
  if (/^\/\/[^/]/.test(path)) return { fault: 'has a host in it; write `sqlite:./file` or `sqlite:/folder/file`' };
  return { kind: 'sqlite', path };
}
