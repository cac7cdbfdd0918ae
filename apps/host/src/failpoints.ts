import { TocsinError } from '@tocsin/core';
import { type Settled, type Signal, type Store, unpackSignals } from '@tocsin/engine';
import type { Protection as StoreProtection } from '@tocsin/store-sqlite';
import type { Protection as ThreadProtection } from './integrations/jobs.ts';
import type { WriteBacks } from './presses/desk.ts';

/** Ways to take a protection away on purpose: a check of it counts only once it was seen failing. */
const known = [
  /** Answer 202 while the commit is still under way. */
  'ack-before-commit',
  /** What failed once is given up. */
  'no-retry',
  /** The time that a target asks for is not kept to. */
  'no-retry-after',
  /** Targets may reach every address. */
  'no-egress-guard',
  /** Redirects of targets are followed. */
  'follow-redirects',
  /** Certificates of targets are not checked. */
  'any-certificate',
  /** Answers of targets are read to their end. */
  'no-answer-bound',
  /** Bodies of requests are read to their end, also after decompression. */
  'no-body-bound',
  /** Neither senders nor targets have to come to an end. */
  'no-deadline',
  /** Functions and templates of integrations may take as long as they like. */
  'no-call-budget',
  /** Whoever claims a signature of its vendor has it. */
  'any-signature',
  /** What was signed long ago is as good as new. */
  'any-time',
  /** A callback that comes again is done again. */
  'no-replay-check',
  /** A button of an earlier firing is good for the present one. */
  'any-incarnation',
  /** What a monitor says of what it was asked is its own word. */
  'no-echo-check',
  /** A claim holds for half a second. */
  'short-lease',
  /** What the store does without. */
  'no-clock-watch',
  'no-freed-leases',
  'no-journal-check',
  'no-version-check',
  /** What the threads that run integrations do without. */
  'no-catch',
  'no-cut',
  'no-key-check',
  /** Secrets stay in what is kept of attempts, and in what they failed of. */
  'no-mask',
  /** What people do is done here whatever becomes of it in the monitor, or without telling it. */
  'unconfirmed-write-back',
  'no-write-back',
  /** Nobody looks whether the alerts are over that a monitor is silent about. */
  'no-watch',
] as const;

const storeProtections: readonly StoreProtection[] = ['clock-watch', 'freed-leases', 'journal-check', 'version-check'];
const threadProtections: readonly ThreadProtection[] = ['catch', 'cut', 'key-check'];

export type Failpoint = (typeof known)[number];

export interface Failpoints {
  has(failpoint: Failpoint): boolean;
  /** `OFF` commits without a sync. */
  synchronous: 'FULL' | 'OFF';
  /** Protections that the store, and the threads of the integrations, do without. */
  withoutInStore: StoreProtection[];
  withoutInThreads: ThreadProtection[];
  /** What was asked for, for the log. */
  all: readonly string[];
}

/**
 * What the environment asks for: `TOCSIN_FAILPOINT=ack-before-commit,no-retry`, `TOCSIN_UNSAFE_SYNCHRONOUS=OFF`.
 * Throws a TocsinError `config` unless NODE_ENV is `test`, so that no alert depends on such a host by mistake.
 */
export function readFailpoints(env: Record<string, string | undefined>): Failpoints {
  const points = namesIn(env, 'TOCSIN_FAILPOINT', known);
  const synchronous = namesIn(env, 'TOCSIN_UNSAFE_SYNCHRONOUS', ['OFF']);
  return {
    has: (failpoint) => points.includes(failpoint),
    synchronous: synchronous.length > 0 ? 'OFF' : 'FULL',
    withoutInStore: storeProtections.filter((name) => points.includes(`no-${name}`)),
    withoutInThreads: threadProtections.filter((name) => points.includes(`no-${name}`)),
    all: [...points, ...synchronous.map(() => 'no-sync')],
  };
}

/** The store, but a commit is called done before it is. */
export function withEarlyAcknowledgement(store: Store): Store {
  return {
    ...partsOf(store),
    async commit(signals) {
      store.commit(signals).catch(() => {});
      const list: readonly Signal[] = 'packed' in signals ? unpackSignals(signals.packed) : signals;
      return list.map(() => ({ result: 'kept' }));
    },
  };
}

/** The store as the dispatcher has it: what is to be tried again is given up, or tried when it likes. */
export function withoutRetries(store: Store, failpoints: Failpoints): Store {
  if (!failpoints.has('no-retry') && !failpoints.has('no-retry-after')) return store;
  const changed = (settled: Settled): Settled => {
    if (settled.result.outcome !== 'retry') return settled;
    const { reason } = settled.result;
    return { ...settled, result: { outcome: failpoints.has('no-retry') ? 'refused' : 'retry', reason } };
  };
  return { ...partsOf(store), settle: (results) => store.settle(results.map(changed)) };
}

/** What people do is not asked of the monitors, or what they say of it is not waited for. */
export function withoutConfirmation(writeBacks: WriteBacks, failpoints: Pick<Failpoints, 'has'>): WriteBacks {
  if (failpoints.has('no-write-back')) return { concerns: () => false, perform: async () => undefined };
  if (!failpoints.has('unconfirmed-write-back')) return writeBacks;
  return {
    concerns: (source, action) => writeBacks.concerns(source, action),
    async perform(action, signal) {
      writeBacks.perform(action, signal).catch(() => {});
      return undefined;
    },
  };
}

/** The same store, in a form of which methods can be replaced: it may be of a class with private parts. */
function partsOf(store: Store): Store {
  return {
    commit: (signals) => store.commit(signals),
    claim: (lanes, lease) => store.claim(lanes, lease),
    settle: (results) => store.settle(results),
    setRules: (rules) => store.setRules(rules),
    pin: (templates, mode) => store.pin(templates, mode),
    retry: (filter) => store.retry(filter),
    hurry: (target) => store.hurry(target),
    enable: (target) => store.enable(target),
    putSilence: (silence) => store.putSilence(silence),
    putRecord: (record) => store.putRecord(record),
    removeRecord: (kind, id) => store.removeRecord(kind, id),
    query: store.query,
    close: () => store.close(),
  };
}

function namesIn<Name extends string>(
  env: Record<string, string | undefined>,
  variable: string,
  allowed: readonly Name[],
): Name[] {
  const asked = (env[variable] ?? '').split(',').filter((name) => name !== '');
  const unknown = asked.find((name) => !allowed.includes(name as Name));
  const message =
    unknown !== undefined
      ? `${variable} knows no ${JSON.stringify(unknown)}`
      : `${variable} takes protections away and loses accepted alerts; it is for tests alone`;
  if (unknown === undefined && (asked.length === 0 || env.NODE_ENV === 'test')) return asked as Name[];
  throw new TocsinError('config', message, { origin: 'environment', remedy: `Unset ${variable}.` });
}
