import type { ActionSignal, Outcome, StoredRecord } from '@tocsin/engine';
import type { MemoryState } from '@tocsin/engine/testing';
import type { PressDeskOptions } from '../../apps/host/test/support/presses.ts';
import type { Turns } from './turns.ts';

type Writing = Omit<StoredRecord, 'writtenAt'>;

/** What stands around a desk of presses, and outlasts it. */
export interface Surroundings {
  turns: Turns;
  state: MemoryState;
  records: Map<string, StoredRecord>;
  put(record: Writing): number;
  commit(signal: ActionSignal): Outcome;
  /** What is told to whoever pressed. */
  onReply(text: string): void;
  onError(what: object): void;
}

/** A store without a disk and a pool without threads: whatever they do for the desk waits for its turn. */
export function edgesOf({ turns, state, records, ...around }: Surroundings) {
  const store = {
    commit: ([signal]: [ActionSignal]) => turns.wait('commit', () => [around.commit(signal)]),
    putRecord: (record: Writing) => turns.wait('record', () => around.put(record)),
    removeRecord: (_: string, id: string) => turns.wait('remove', () => records.delete(id)),
    query: {
      group: async (id: string) => state.group(id),
      deliveries: async ({ group }: { group: string }) => ({ items: state.deliveries(group), next: null }),
      records: async () => [...records.values()],
    },
  };
  const run = async ({ kind, text = '' }: { kind: string; text?: string }) => {
    if (kind === 'person') await turns.wait('name', () => undefined);
    else around.onReply(text);
    return { request: null };
  };
  const quiet = () => {};
  const log = { info: quiet, warn: quiet, error: around.onError };
  const edges = { store, pool: { run }, egress: {}, writeBacks: { concerns: () => false }, log };
  return edges as unknown as Omit<PressDeskOptions, 'handles' | 'now'>; // the desk uses nothing else of them
}
