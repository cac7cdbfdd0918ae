export { createCommand, type Hub } from './command.ts';
export { type Draft, type DraftOptions, draftSource } from './draft/draft.ts';
export type { DraftRequest } from './draft/samples.ts';
export type { ConfiguredSource, StoredRequest } from './from-source/configured.ts';
