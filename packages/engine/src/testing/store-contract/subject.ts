import { TocsinError } from '@tocsin/core/base';
import { expect } from 'vitest';
import type { SendResult } from '../../delivery.ts';
import type { AttemptRecord, Due, LaneBudget, Page, PageRequest, Settled, Store } from '../../store.ts';
import type { AlertSignal, Outcome, Rules } from '../../types.ts';

/** A store that the contract is held against, with its time in the test's hands. */
export interface StoreUnderTest {
  /** The open store; another one after `reopen`. */
  readonly store: Store;
  /** Milliseconds since 1970, for the store and whoever reads it. */
  readonly clock: { now: number };
  /** Ends the store, by a crash where that can be done, and opens what it kept. Rules are kept by the host, not here. */
  reopen(): Promise<void>;
  /** Ends it, and deletes what it kept. */
  dispose(): Promise<void>;
}

/** By title; each gets an empty store at `beginning`. */
export type Checks = Record<string, (subject: StoreUnderTest) => Promise<void>>;

export const beginning = Date.UTC(2026, 0, 1);

/** Everything is told to `chat` (which jumps to the latest) and to `log` (which walks every event). */
export const everything: Rules = {
  version: '1',
  targets: { chat: { mode: 'latest' }, log: { mode: 'every' } },
  routes: [{ match: [], to: [{ target: 'chat' }, { target: 'log' }] }],
  sources: {},
};

export const attempt: AttemptRecord = {
  startedAt: beginning,
  duration: 12,
  request: { method: 'POST', url: 'http://127.0.0.1/hook', headers: { accept: '*/*' }, body: '{}' },
  response: { status: 200, headers: {}, body: 'ok' },
  error: null,
};

export interface Claiming {
  most?: number;
  /** Milliseconds. */
  lease?: number;
  patience?: number;
}

export function claim({ store }: StoreUnderTest, target = 'chat', options: Claiming = {}): Promise<Due[]> {
  const { most = 10, lease = 60_000, patience = 0 } = options;
  const lanes: LaneBudget[] = [{ target, most }];
  return store.claim(lanes, { owner: 'host-1', duration: lease, patience });
}

export function settlement(due: Due, result: SendResult, more: Partial<Settled> = {}): Settled {
  const { delivery, cursor, telling, event, isReplay } = due;
  const { group, subscription, fence } = delivery;
  const replay = isReplay ? { replay: event.number } : {};
  return { group, subscription, fence, cursor, telling, ...replay, result, random: 0.5, ...more };
}

/** Claims all that is due for a target, and says that it got there. */
export async function deliver(subject: StoreUnderTest, target = 'chat'): Promise<Due[]> {
  const due = await claim(subject, target);
  await subject.store.settle(due.map((one) => settlement(one, { outcome: 'delivered' }, { attempt })));
  return due;
}

/** The group of a grouped outcome. */
export function groupOf(outcome: Outcome | undefined): string {
  if (outcome?.result !== 'grouped') throw new Error(`${JSON.stringify(outcome)} has no group`);
  return outcome.group;
}

/** A signal that no store takes: `normalise` would never let such a fingerprint through. */
export function poison(signal: AlertSignal): AlertSignal {
  return { ...signal, fingerprint: 'x'.repeat(600) };
}

export async function expectRejection(promise: Promise<unknown>, code: TocsinError['code']): Promise<void> {
  const error = await promise.then(
    () => 'it resolved',
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TocsinError);
  expect((error as TocsinError).code).toBe(code);
}

/** All items of a list, page by page. */
export async function all<Item>(
  list: (page: PageRequest) => Promise<Page<Item>>,
  limit = 200,
  between: () => Promise<unknown> = async () => {},
): Promise<Item[]> {
  const items: Item[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await list({ limit, after });
    items.push(...page.items);
    if (page.next === null) return items;
    after = page.next;
    await between();
  }
}
