import { writeIntegration } from '../../../apps/host/test/support/integration-folder.ts';

/** Targets and sources that misbehave, as packages of their own in the folder of a hub. */
export function writeMisbehaving(folder: string): void {
  for (const [name, text] of Object.entries(packages)) writeIntegration(folder, name, text);
}

const target = (name: string, parts: string) => `
  import { existsSync, unlinkSync } from 'node:fs';
  const dieOnce = (flag) => {
    if (!existsSync(flag)) return;
    unlinkSync(flag);
    process.kill(process.pid, 'SIGKILL');
    for (;;);
  };
  export default defineTarget({
    title: '${name}', summary: 'Misbehaves', docs: 'https://example.com/${name}',
    settings: z.strictObject({ url: z.string(), flag: z.string().default('') }),
    medium: 'text', mode: 'every', limits: {},
    ${parts}
  });`;

const post = `{ method: 'POST', url, headers: { 'content-type': 'application/json', 'webhook-id': notification.id }, body: JSON.stringify({ title: notification.title }) }`;

const packages = {
  /** Kills its host whenever it builds a request. */
  'target-killer': target('killer', `request: () => { process.kill(process.pid, 'SIGKILL'); for (;;); },`),
  /** Kills its host once, where a file says so: before the send, or after the answer. */
  'target-dies-before': target(
    'dies-before',
    `request: (notification, { url, flag }, answers) => { if (answers.length > 0) return undefined; dieOnce(flag); return ${post}; },`,
  ),
  'target-dies-after': target(
    'dies-after',
    // The answers are handed in again for the next step, before anything of this one is written down.
    `request: (notification, { url, flag }, answers) => { if (answers.length > 0) { dieOnce(flag); return undefined; } return ${post}; },`,
  ),
  /** Throws over one in a thousand, after it has begun a text. */
  'target-poisoned': target(
    'poisoned',
    `request: (notification, { url }, answers) => { if (answers.length > 0) return undefined; if (notification.title.includes('poison')) throw new TypeError('no such thing'); return ${post}; },`,
  ),
  /** Never comes back from \`status\` for the payload {"loop": true}. */
  'source-endless': `
    export default defineSource({
      title: 'Endless', summary: 'Loops when it is told to', docs: 'https://example.com/endless',
      payload: z.looseObject({ id: z.string() }),
      status: ({ payload }) => { while (payload.loop); return 'firing'; },
      group: ({ payload }) => payload.id,
      fingerprint: ({ payload }) => payload.id,
    });`,
};
