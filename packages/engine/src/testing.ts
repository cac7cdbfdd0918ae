export { MemoryState } from './testing/memory-state.ts';
export { act, alert } from './testing/signals.ts';
export type { StoreUnderTest } from './testing/store-contract/subject.ts';
export { storeContract } from './testing/store-contract.ts';
