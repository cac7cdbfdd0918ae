export type { Answer, Message, Refusal } from './message-log.ts';
export { buildSandbox, type SandboxOptions } from './sandbox.ts';
