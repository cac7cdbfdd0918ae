export type { Answer, Message, Refusal } from './message-log.ts';
export { buildSandbox, type SandboxOptions } from './sandbox.ts';
export { sandboxSlackApp } from './slack-app/app.ts';
export { type SignedRequest, signSlackRequest } from './slack-app/callbacks.ts';
export type { MessageState, SlackState } from './slack-app/state.ts';
