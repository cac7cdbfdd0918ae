import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { permissions } from '../../../integrations/sources/icinga2/test/support/write-back.ts';
import { hasIcinga, type Icinga, type IcingaUser, startIcinga } from '../support/icinga2.ts';
import { notifyDefinitions } from '../support/notify-definitions.ts';
import { type Audience, keyOf, type Scene } from './scene.ts';

const name = 'icinga2';
const user: IcingaUser = { name: 'tocsin', password: 'of-the-two-way-evidence', permissions };
/** Whom the evidence asks as. */
const reader: IcingaUser = { name: 'reader', password: 'of-the-reader', permissions: ['objects/query/*'] };
const web = { host: 'web-1' };
const objects = 'object Host "web-1" { import "told" }';

/** A host goes down, somebody takes it and gives it back, in Icinga too. */
export const icingaScene: Scene = {
  name,
  channel: '#general',
  needs: { program: 'icinga2', isThere: hasIcinga },
  proofs: [{ without: 'no-write-back', finds: /^Icinga’s API shows who has it/ }],
  async prepare(parent, address) {
    const folder = join(parent, name);
    mkdirSync(folder);
    const definitions = notifyDefinitions(name, { folder, url: `${address}/in/${name}`, key: keyOf(name) });
    const icinga = await startIcinga(folder, [objects, definitions].join('\n'), [user, reader]);
    return {
      source: { use: name, writeBack: { url: icinga.address, user: user.name, password: user.password } },
      authority: icinga.authority,
      tell: (audience) => acknowledged(icinga, audience),
      output: icinga.output,
      async end() {
        await icinga.end();
      },
    };
  },
};

async function acknowledged(icinga: Icinga, { page, hub, says }: Audience): Promise<void> {
  await icinga.check(web, 1, 'no answer');
  await page.shows(/web-1 is DOWN/);
  says(`Icinga 2: a host goes down; the message: “${await page.headline()}”`);

  await page.press('Acknowledge');
  await page.shows(/Already acknowledged by Ann Archer/);
  const acknowledged = { acknowledgement: 2, authors: ['Ann Archer'] };
  assert.deepEqual(await shown(icinga), acknowledged, 'Icinga’s API shows who has it');
  says('Icinga 2: its API shows the problem acknowledged by Ann Archer until the recovery; so does the message');

  await page.press('Unacknowledge');
  await page.shows(/Acknowledgement withdrawn by Ann Archer/);
  assert.equal((await shown(icinga)).acknowledgement, 0);
  says('Icinga 2: taken back, there too');

  await icinga.check(web, 0, 'it answers');
  await page.shows(/Resolved/);
  assert.deepEqual(await page.buttons(), []);
  const { events } = await hub.group(name);
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ['firing', 'acknowledged', 'unacknowledged', 'resolved'],
  );
  says(`Icinga 2: the host is up; the message: “${await page.headline()}”`);
}

/** What Icinga says of the host, and by whom the comments of acknowledgements are. */
async function shown(icinga: Icinga): Promise<{ acknowledgement: number; authors: string[] }> {
  const [host] = await objectsOf(icinga, 'hosts/web-1?attrs=acknowledgement');
  const comments = await objectsOf(icinga, 'comments?attrs=author&attrs=entry_type');
  const authors = comments.filter(({ entry_type: type }) => type === 4).map(({ author }) => String(author));
  return { acknowledgement: Number(host?.acknowledgement), authors };
}

async function objectsOf(icinga: Icinga, path: string): Promise<Record<string, unknown>[]> {
  const url = `${icinga.address}/v1/objects/${path}`;
  const { status, body } = await icinga.ask(reader, { method: 'GET', url, headers: { accept: 'application/json' } });
  assert.equal(status, 200, body);
  const { results } = JSON.parse(body) as { results: { attrs: Record<string, unknown> }[] }; // as its document says
  return results.map(({ attrs }) => attrs);
}
