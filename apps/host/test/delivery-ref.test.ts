import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HostProcess, key, startHostProcess } from './support/host-process.ts';
import { writeIntegration } from './support/integration-folder.ts';
import { until } from './support/until.ts';
import { startWitness, type Witness } from './support/witness.ts';

// What the first answer gave as the handle of the message is there when the group is told of again.

/** Opens with one request and greets with a second; its answers' bodies are the handle. */
const target = `
  export default defineTarget({
    title: 'Desk', summary: 'Keeps handles', docs: 'https://example.com/desk', medium: 'text', mode: 'latest', limits: {},
    settings: z.strictObject({ url: z.string() }),
    request: ({ headline, ref }, { url }, answers) =>
      answers.length > (ref ? 0 : 1)
        ? undefined
        : { method: 'POST', url: answers.length === 0 ? url : url + '/greeting', body: JSON.stringify({ headline, ref }) },
    outcome: ({ body }) => ({ outcome: 'delivered', ...(body.startsWith('handle') ? { ref: body } : {}) }),
  });`;

let witness: Witness;
let host: HostProcess;

beforeAll(async () => {
  witness = await startWitness();
  witness.answer('/desk/greeting', { body: 'thanks' });
  witness.answer('/desk', { body: 'handle-1' }, { body: 'ok' });
  host = await startHost();
});

afterAll(async () => {
  await host?.remove();
  await witness?.close();
});

function startHost(folder?: string): Promise<HostProcess> {
  return startHostProcess({
    ...(folder === undefined ? {} : { folder }),
    prepare: (made) => writeIntegration(made, 'target-desk', target),
    config: {
      integrations: ['@tocsin/source-webhook', './target-desk'],
      sources: [{ id: 'any', use: 'webhook', key, settings: { key: 'id', fingerprint: 'id' } }],
      targets: [{ id: 'desk', use: './target-desk', settings: { url: `${witness.url}/desk` } }],
      routes: [{ to: ['desk'] }],
      egress: { allow: ['127.0.0.0/8'] },
    },
  });
}

const told = () => witness.told('/desk').map(({ body }) => JSON.parse(body) as { headline: string; ref?: string });

test('the second notification of a group has what the answer to the first gave, also after a restart', async () => {
  const response = await host.post('any', { id: 'a', title: 'Disk is full', severity: 'critical' });
  const { groups } = (await response.json()) as { groups: { id: string }[] };
  const [group] = groups;
  await witness.untilTold('/desk', 2);
  expect(told()).toEqual([{ headline: 'Firing · critical' }, { headline: 'Firing · critical' }]);
  // The second step gave none, and the handle is that of the first.
  await until(async () => {
    const { items } = await host.get<{ items: { ref: string | null }[] }>('deliveries?target=desk');
    return items[0]?.ref === 'handle-1';
  }, 'the handle is stored');

  await host.act(`groups/${group?.id}/acknowledge`);
  await witness.untilTold('/desk', 3);
  expect(told()[2]).toMatchObject({ ref: 'handle-1', headline: expect.stringMatching(/^Acknowledged/) });
  await until(async () => {
    const { items } = await host.get<{ items: { state: string }[] }>('deliveries?target=desk');
    return items[0]?.state === 'told';
  }, 'the acknowledgement is settled');

  host.signal('SIGKILL');
  await host.ended;
  host = await startHost(host.folder);
  await host.post('any', { id: 'a', title: 'Disk is full', status: 'resolved' });
  await witness.untilTold('/desk', 4);
  expect(told()[3]).toMatchObject({ ref: 'handle-1', headline: expect.stringMatching(/^Resolved/) });

  await host.post('any', { id: 'b', title: 'Another disk' });
  await witness.untilTold('/desk', 5);
  expect(told()[4]).not.toHaveProperty('ref');
});
