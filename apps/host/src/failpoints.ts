import { TocsinError } from '@tocsin/core';
import { type Signal, type Store, unpackSignals } from '@tocsin/engine';

/** Ways to break durability on purpose: a check of it counts only once it was seen failing. */
export interface Failpoints {
  /** Answer 202 while the commit is still under way. */
  acknowledgesBeforeCommit: boolean;
  /** `OFF` commits without a sync. */
  synchronous: 'FULL' | 'OFF';
}

/**
 * What the environment asks for: `TOCSIN_FAILPOINT=ack-before-commit`, `TOCSIN_UNSAFE_SYNCHRONOUS=OFF`.
 * Throws a TocsinError `config` unless NODE_ENV is `test`, so that no alert depends on such a host by mistake.
 */
export function readFailpoints(env: Record<string, string | undefined>): Failpoints {
  return {
    acknowledgesBeforeCommit: isSet(env, 'TOCSIN_FAILPOINT', 'ack-before-commit'),
    synchronous: isSet(env, 'TOCSIN_UNSAFE_SYNCHRONOUS', 'OFF') ? 'OFF' : 'FULL',
  };
}

/** The store, but a commit is called done before it is. */
export function withEarlyAcknowledgement(store: Store): Store {
  return {
    async commit(signals) {
      store.commit(signals).catch(() => {});
      const list: readonly Signal[] = 'packed' in signals ? unpackSignals(signals.packed) : signals;
      return list.map(() => ({ result: 'kept' }));
    },
    claim: (lanes, lease) => store.claim(lanes, lease),
    settle: (results) => store.settle(results),
    setRules: (rules) => store.setRules(rules),
    pin: (templates, mode) => store.pin(templates, mode),
    retry: (filter) => store.retry(filter),
    hurry: (target) => store.hurry(target),
    enable: (target) => store.enable(target),
    putSilence: (silence) => store.putSilence(silence),
    query: store.query,
    close: () => store.close(),
  };
}

function isSet(env: Record<string, string | undefined>, name: string, known: string): boolean {
  const value = env[name];
  if (value === undefined || value === '') return false;
  if (value === known && env.NODE_ENV === 'test') return true;
  const message =
    value === known
      ? `${name} loses accepted alerts; it is for tests alone`
      : `${name} knows no ${JSON.stringify(value)}`;
  throw new TocsinError('config', message, { origin: 'environment', remedy: `Unset ${name}.` });
}
