export { createCommand } from './command.ts';
export { type Draft, type DraftOptions, draftSource } from './draft/draft.ts';
export type { DraftRequest } from './draft/samples.ts';
