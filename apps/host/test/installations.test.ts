import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HttpRequest, HttpResponse, VendorRefusal } from '@tocsin/core';
import type { Store } from '@tocsin/engine';
import { openSqliteStore } from '@tocsin/store-sqlite';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Egress, type SendOptions } from '../src/egress/egress.ts';
import { Guard } from '../src/egress/guard.ts';
import { Vault } from '../src/egress/vault.ts';
import { Beginnings } from '../src/installations/beginnings.ts';
import { Installations } from '../src/installations/installations.ts';
import { Vendor } from '../src/installations/vendor.ts';
import type { Job } from '../src/integrations/jobs.ts';
import type { IntegrationPool } from '../src/integrations/pool.ts';
import { MasterKeys } from '../src/secrets/master-keys.ts';
import { configWith } from './support/door.ts';
import { startWitness } from './support/witness.ts';

const token = 'xoxb-token-of-the-test';
const lantern = { id: 'T1', name: 'Lantern', token, scopes: ['chat:write'] };

async function openStore(): Promise<{ store: Store; folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-installations-'));
  const store = await openSqliteStore({ file: join(folder, 'tocsin.db'), synchronous: 'OFF' });
  onTestFinished(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });
  return { store, folder };
}

/** Those of a host that starts on that store, with the key of its folder or another one. */
function openInstallations({ store, folder }: { store: Store; folder: string }, origin: string, env = {}) {
  const config = { store: { kind: 'sqlite', path: join(folder, 'tocsin.db') }, secrets: new Map() } as const;
  const keys = new MasterKeys({ config, env, print: () => {} });
  return Installations.open({ store, keys, origins: new Map([['ops', origin]]) });
}

describe('What was begun', () => {
  const hour = 3_600_000;

  test('is finished once, by the browser that began it, at its own target', () => {
    const beginnings = new Beginnings(() => hour);
    const begin = () => beginnings.begin({ target: 'ops', actor: 'ann' });
    const good = begin();
    expect(beginnings.finish('ops', good.state, good.browser)).toEqual({ target: 'ops', actor: 'ann' });
    expect(beginnings.finish('ops', good.state, good.browser)).toBeUndefined();
    const [one, other] = [begin(), begin()];
    expect(beginnings.finish('ops', one.state, other.browser)).toBeUndefined();
    expect(beginnings.finish('ops', one.state, one.browser), 'it was shown to another').toBeUndefined();
    expect(beginnings.finish('elsewhere', other.state, other.browser)).toBeUndefined();
    expect(beginnings.finish('ops', '', '')).toBeUndefined();
  });

  test('is over after ten minutes', () => {
    let now = hour;
    const beginnings = new Beginnings(() => now);
    const begin = () => beginnings.begin({ target: 'ops', actor: 'ann' });
    const [early, late] = [begin(), begin()];
    now += 10 * 60_000 - 1;
    expect(beginnings.finish('ops', early.state, early.browser)).toBeDefined();
    now += 1;
    expect(beginnings.finish('ops', late.state, late.browser)).toBeUndefined();
  });

  test('takes no more memory than two hundred of it', () => {
    const beginnings = new Beginnings(() => hour);
    const first = beginnings.begin({ target: 'ops', actor: 'ann' });
    const rest = Array.from({ length: 200 }, () => beginnings.begin({ target: 'ops', actor: 'ann' }));
    expect(beginnings.finish('ops', first.state, first.browser)).toBeUndefined();
    expect(rest.every(({ state, browser }) => beginnings.finish('ops', state, browser))).toBe(true);
  });
});

describe('A token', () => {
  const vendor = 'https://vendor.example';
  const api = new URL(`${vendor}/api/post`);

  test('is there after a restart, and only with the key that it lies under', async () => {
    const place = await openStore();
    await (await openInstallations(place, vendor)).save('ops', lantern, 'ann', 1_000);
    const again = await openInstallations(place, vendor);
    expect(again.tokenFor('ops', 'T1', api)).toBe(token);
    expect(again.list('ops')).toEqual([
      {
        target: 'ops',
        workspace: 'T1',
        name: 'Lantern',
        scopes: ['chat:write'],
        author: 'ann',
        installedAt: 1_000,
        ended: null,
      },
    ]);
    const other = await openInstallations(place, vendor, { TOCSIN_SECRETS_KEY: 'a'.repeat(64) });
    expect(() => other.tokenFor('ops', 'T1', api)).toThrow('its token can’t be read');
  });

  test('of one workspace is none of another, though somebody writes it there in the store', async () => {
    const place = await openStore();
    await (await openInstallations(place, vendor)).save('ops', lantern, 'ann', 1_000);
    const [record] = await place.store.query.records('installation');
    await place.store.putRecord({ ...record!, id: 'ops/T2' });
    const again = await openInstallations(place, vendor);
    expect(() => again.tokenFor('ops', 'T2', api)).toThrow('its token can’t be read');
  });

  test('is deleted when the workspace lets the app go, and masked all the same', async () => {
    const place = await openStore();
    const installations = await openInstallations(place, vendor);
    await installations.save('ops', lantern, 'ann', 1_000);
    expect(await installations.end('ops', 'T1', 'removed', 999), 'before it was installed').toBe(false);
    expect(await installations.end('ops', 'T1', 'removed', 2_000)).toBe(true);
    expect(await installations.end('ops', 'T1', 'once more', 3_000)).toBe(false);
    const [record] = await place.store.query.records('installation');
    expect(JSON.parse(record!.value)).toMatchObject({ sealed: null, ended: { at: 2_000, reason: 'removed' } });
    expect(() => installations.tokenFor('ops', 'T1', api)).toThrow('removed');
    expect(new Vault(new Map(), { tokens: installations }).mask(`it is ${token}`)).toBe('it is ${installation:ops/T1}');
  });

  test('goes into requests to its vendor at the door, in place of any other, and to nobody else', async () => {
    const [own, other] = [await startWitness(), await startWitness()];
    const place = await openStore();
    const tokens = await openInstallations(place, own.url);
    await tokens.save('ops', lantern, 'ann', 1_000);
    const config = configWith({ egress: { allow: ['127.0.0.0/8'] } });
    const guard = new Guard({ ...config.egress, own: () => [] });
    const vault = new Vault(new Map(), { tokens });
    const door = new Egress({ config, guard, vault, signers: new Map(), tokens });
    onTestFinished(async () => {
      await Promise.all([door.close(), own.close(), other.close()]);
    });
    own.answer('/', { body: `you are ${token}` });
    const send = (url: string, options: SendOptions, headers = {}) =>
      door.send('ops', { method: 'GET', url, headers }, AbortSignal.timeout(5_000), options);
    const { response } = await send(`${own.url}/post`, { workspace: 'T1' }, { Authorization: 'Bearer none' });
    await send(`${other.url}/post`, { workspace: 'T1' });
    await send(`${own.url}/without`, {});
    const shown = [...own.told('/'), ...other.told('/')].map(({ path, headers }) => [path, headers.authorization]);
    expect(shown).toEqual([
      ['/post', `Bearer ${token}`],
      ['/without', undefined],
      ['/post', undefined],
    ]);
    expect(response?.body).toBe('you are ${installation:ops/T1}');
    expect((await send(`${own.url}/post`, { isUnmasked: true })).response?.body).toBe(`you are ${token}`);
    const missing = await send(`${own.url}/post`, { workspace: 'T2' });
    expect(missing).toEqual({ error: expect.stringContaining('in the workspace T2'), notInstalled: 'T2' });
    expect(own.told('/').length, 'nothing was sent').toBe(3);
  });
});

describe('The places of a workspace', () => {
  /** A vendor with so many pages, each of one place. */
  function vendorWith(pages: number, refusal?: VendorRefusal) {
    const asked: string[] = [];
    const run = async (job: Job): Promise<unknown> => {
      if (job.kind === 'installation-request' && job.asked.step === 'places')
        return { request: { method: 'GET', url: job.asked.cursor ?? '0' } satisfies HttpRequest };
      const { response } = job as Extract<Job, { kind: 'installation-answer' }>; // it does no other
      const page = Number(response.body);
      if (refusal && page === pages - 1) return { read: refusal };
      const read = { places: [{ id: `C${page}` }], ...(page < pages - 1 ? { next: `${page + 1}` } : {}) };
      return { read };
    };
    const send = async (_target: string, { url }: HttpRequest, _signal: AbortSignal, options?: SendOptions) => {
      asked.push(`${options?.workspace} ${url}`);
      return { response: { status: 200, headers: {}, body: url } satisfies HttpResponse };
    };
    const pool = { run } as unknown as IntegrationPool; // as much of it as a vendor uses
    return { asked, vendor: new Vendor({ pool, egress: { send }, vault: { openAddress: (url) => url } }) };
  }

  test('are asked for page by page', async () => {
    const { asked, vendor } = vendorWith(3);
    expect(await vendor.places('ops', 'T1')).toEqual({
      places: [{ id: 'C0' }, { id: 'C1' }, { id: 'C2' }],
      isCut: false,
    });
    expect(asked).toEqual(['T1 0', 'T1 1', 'T1 2']);
  });

  test('are no more than fifty pages', async () => {
    const { asked, vendor } = vendorWith(1_000);
    expect(await vendor.places('ops', 'T1')).toMatchObject({ isCut: true });
    expect(asked.length).toBe(50);
  });

  test('are not there where the vendor refuses one page of them', async () => {
    const refusal = { refused: 'asked too often', after: 3_000 };
    const { asked, vendor } = vendorWith(2, refusal);
    expect(await vendor.places('ops', 'T1')).toEqual(refusal);
    expect(asked.length).toBe(2);
  });

  test('an answer that nobody understands is not repeated', async () => {
    const fail = async (job: Job) => {
      if (job.kind === 'installation-answer') throw new Error(`Unexpected token in ${token}`);
      return { request: { method: 'POST', url: 'https://vendor.example' } };
    };
    const vendor = new Vendor({
      pool: { run: fail } as unknown as IntegrationPool, // as much of it as a vendor uses
      egress: { send: async () => ({ response: { status: 200, headers: {}, body: token } }) },
      vault: { openAddress: (url) => url },
    });
    const read = await vendor.exchange('ops', { code: 'c', redirectUri: 'https://hub.example' });
    expect(read).toEqual({
      refused: 'its vendor’s answer (HTTP 200) is none that the integration understands',
    });
  });
});
