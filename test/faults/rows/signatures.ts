import { createHmac, randomBytes } from 'node:crypto';
import { type Row, without } from '../row.ts';
import { alertFor } from '../support/configs.ts';

/** What a sender makes wrong, and the answer that it gets. */
interface Case {
  name: string;
  status: number;
  /** Seconds that its clock is ahead. */
  ahead?: number;
  secret?: Buffer;
  /** The headers that go out, made of the right ones. */
  headers?: (right: Record<string, string>) => Record<string, string>;
  /** The body that goes out, made of the signed one. */
  body?: (signed: string) => string;
}

const other = randomBytes(32);

const bare = ({ 'webhook-signature': _, ...rest }: Record<string, string>) => rest;

const cases: Case[] = [
  { name: 'right', status: 202 },
  { name: 'by the older of two secrets', status: 202 },
  { name: 'four minutes late', status: 202, ahead: -240 },
  { name: 'four minutes early', status: 202, ahead: 240 },
  {
    name: 'one of several is right',
    status: 202,
    headers: (right) => ({ ...right, 'webhook-signature': `v1,AAAA v1a,BBBB ${right['webhook-signature']}` }),
  },
  { name: 'of another secret', status: 401, secret: other },
  { name: 'six minutes late', status: 401, ahead: -360 },
  { name: 'six minutes early', status: 401, ahead: 360 },
  { name: 'another body', status: 401, body: (signed) => signed.replace('critical', 'info') },
  { name: 'one byte more', status: 401, body: (signed) => `${signed} ` },
  { name: 'another id', status: 401, headers: (right) => ({ ...right, 'webhook-id': 'msg_other' }) },
  {
    name: 'another time',
    status: 401,
    headers: (right) => ({ ...right, 'webhook-timestamp': `${Number(right['webhook-timestamp']) + 1}` }),
  },
  {
    name: 'a time that parses as the same',
    status: 401,
    headers: (right) => ({ ...right, 'webhook-timestamp': `${right['webhook-timestamp']}.0` }),
  },
  { name: 'no signature', status: 401, headers: (right) => ({ ...bare(right), 'webhook-signature': '' }) },
  {
    name: 'of another version alone',
    status: 401,
    headers: (right) => ({ ...right, 'webhook-signature': `${right['webhook-signature']}`.replace('v1,', 'v2,') }),
  },
];

export const signatures: Row[] = [
  {
    id: 'D34',
    title: 'signatures of incoming webhooks',
    method:
      'a source that takes signed requests alone, and senders of Standard Webhooks that make everything right, or one thing wrong; then a right one again',
    bar: 'each is answered as it should be; the body is hashed as it came; what is sent again changes nothing',
    seconds: { full: 20, quick: 20 },
    protection: {
      what: 'when whoever claims a signature has it',
      reddens: ['as expected'],
      env: without('any-signature'),
    },
    async run(bench) {
      const secrets = [randomBytes(32), randomBytes(24)] as const;
      const keys = Object.fromEntries(secrets.map((one, index) => [`k${index}`, `whsec_${one.toString('base64')}`]));
      const hub = await bench.hub({
        config: {
          integrations: ['@tocsin/source-webhook', '@tocsin/target-webhook'],
          sources: [
            { id: 'signed', use: 'webhook', keys, signed: 'required', settings: { key: 'id', fingerprint: 'id' } },
          ],
          targets: [{ id: 'told', use: 'webhook', settings: { url: `${(await bench.target()).url}/told` } }],
          routes: [{ to: ['told'] }],
        },
      });
      const post = async ({ name, ahead = 0, secret = secrets[0], headers, body }: Case) => {
        const id = `msg_${name.replaceAll(' ', '_')}`;
        const timestamp = `${Math.floor(Date.now() / 1000) + ahead}`;
        // Unusual blanks and escapes: who hashes anything but these bytes finds another signature.
        const signed = JSON.stringify(alertFor('told', name), null, 3).replace('Disk', '\\u0044isk');
        const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${signed}`).digest('base64');
        const right = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
        const answer = await fetch(`${hub.address}/in/signed`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...(headers?.(right) ?? right) },
          body: body?.(signed) ?? signed,
        });
        return { status: answer.status, text: await answer.text() };
      };
      const wrong: string[] = [];
      for (const one of cases) {
        const secret = one.name === 'by the older of two secrets' ? secrets[1] : one.secret;
        const { status } = await post({ ...one, ...(secret ? { secret } : {}) });
        if (status !== one.status) wrong.push(`${one.name}: ${status}`);
      }
      bench.judge('as expected', `${cases.length - wrong.length} of ${cases.length}`, wrong.length === 0);
      if (wrong.length > 0) bench.note('not', wrong.join(', '));
      const before = await hub.accounting();
      await post(cases[0] as Case);
      const after = await hub.accounting();
      bench.judge(
        'replays that changed something',
        (after.grouped ?? 0) - (before.grouped ?? 0),
        after.grouped === before.grouped,
      );
      const taken = cases.filter(({ status }) => status === 202).length;
      bench.judge('grouped', after.grouped ?? 0, after.grouped === taken);
    },
  },
];
