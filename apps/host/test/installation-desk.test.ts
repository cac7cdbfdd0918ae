import type { Installed, VendorRefusal } from '@tocsin/core';
import type { StoredRecord, To } from '@tocsin/engine';
import { describe, expect, test } from 'vitest';
import { InstallationDesk } from '../src/installations/desk.ts';
import { Installations } from '../src/installations/installations.ts';
import { newMasterKey } from '../src/secrets/master-key.ts';
import type { MasterKeys } from '../src/secrets/master-keys.ts';

const lantern = { id: 'T1', name: 'Lantern', token: 'token-of-the-test', scopes: [] };

/** A desk for the app of the target `ops`, with everything that it did to others. */
async function openDesk({ told = [] as To[], granted = lantern as Installed | VendorRefusal } = {}) {
  const done: string[] = [];
  const asked: string[] = [];
  const records = new Map<string, StoredRecord>();
  const store = {
    putRecord: async (record: Omit<StoredRecord, 'writtenAt'>) => {
      records.set(record.id, { ...record, writtenAt: 0 });
      return 0;
    },
    removeRecord: async (_kind: string, id: string) => records.delete(id),
    query: { records: async () => [] },
    hurry: async (target: string) => void done.push(`hurry ${target}`),
  };
  const current = newMasterKey();
  const keys = { current, find: () => current } as unknown as MasterKeys; // as much of it as is used here
  const installations = await Installations.open({
    store: store as unknown as Parameters<typeof Installations.open>[0]['store'], // the same
    keys,
    origins: new Map([['ops', 'https://vendor.example']]),
  });
  let revoked = async (): Promise<VendorRefusal | undefined> => undefined;
  const desk = new InstallationDesk({
    installations,
    vendor: {
      authorizeAddress: async (_target, { redirectUri, state }) => `${redirectUri} ${state}`,
      exchange: async (_target, { redirectUri }) => {
        done.push(`exchange ${redirectUri}`);
        return granted;
      },
      revoke: () => revoked(),
      places: async () => {
        asked.push('places');
        return { places: [], isCut: false };
      },
    },
    store: store as unknown as ConstructorParameters<typeof InstallationDesk>[0]['store'], // the same
    troubles: {
      installationMissing: (target, workspaces) => void done.push(`missing ${target}: ${workspaces.join(', ')}`),
      installed: (target) => void done.push(`installed ${target}`),
    },
    log: { info: () => {}, warn: () => {} },
    told: () => told,
    url: () => 'https://hub.example',
    now: () => 1_000,
  });
  return {
    desk,
    done,
    asked,
    onRevoke: (next: typeof revoked) => {
      revoked = next;
    },
  };
}

describe('An installation', () => {
  test('lets go what waited, and ends the alarm', async () => {
    const { desk, done } = await openDesk({ told: [{ target: 'ops', address: 'T1/C1' }] });
    desk.reportAtStart();
    await desk.install('ops', 'code', 'ann');
    expect(done).toEqual([
      'missing ops: T1',
      'exchange https://hub.example/oauth/ops/callback',
      'installed ops',
      'hurry ops',
    ]);
  });

  test('leaves the alarm while another workspace is missing', async () => {
    const told = ['T1/C1', 'T2/C2'].map((address) => ({ target: 'ops', address }));
    const { desk, done } = await openDesk({ told });
    desk.reportAtStart();
    await desk.install('ops', 'code', 'ann');
    expect(done).toContain('missing ops: T1, T2');
    expect(done).not.toContain('installed ops');
    desk.isMissed('ops', 'T2');
    expect(done.at(-1)).toBe('missing ops: T2');
  });

  test.each([
    ['../../x', 'its vendor named no workspace that addresses could name'],
    ['', 'its vendor named no workspace that addresses could name'],
  ])('with the id %j is none', async (id, refused) => {
    const { desk } = await openDesk({ granted: { ...lantern, id } });
    expect(await desk.install('ops', 'code', 'ann')).toEqual({ refused });
    expect(desk.all.list('ops')).toEqual([]);
  });

  test('has its name on one line', async () => {
    const { desk } = await openDesk({ granted: { ...lantern, name: ' Lan\u202etern\n\u0000<b> ' } });
    expect(await desk.install('ops', 'code', 'ann')).toMatchObject({ name: 'Lan tern  <b>' });
  });
});

describe('Its end', () => {
  test('by an admin is none that the vendor has to tell', async () => {
    const { desk, done, onRevoke } = await openDesk();
    await desk.install('ops', 'code', 'ann');
    // The vendor tells of it before it answers.
    onRevoke(async () => {
      await desk.ended('ops', 'T1', 'tokens_revoked');
      return undefined;
    });
    expect(await desk.remove('ops', 'T1', 'ann')).toEqual({});
    expect(done.filter((what) => what.startsWith('missing'))).toEqual([]);
  });

  test('by an admin is an alarm where alerts are to go there, and final though the vendor refuses', async () => {
    const { desk, done, onRevoke } = await openDesk({ told: [{ target: 'ops', address: 'T1/C1' }] });
    await desk.install('ops', 'code', 'ann');
    onRevoke(async () => ({ refused: 'not now' }));
    expect(await desk.remove('ops', 'T1', 'ann')).toEqual({ notRevoked: 'not now' });
    expect(desk.all.list('ops')).toEqual([]);
    expect(done.at(-1)).toBe('missing ops: T1');
  });

  test('by the vendor names the workspace as people do', async () => {
    const { desk, done } = await openDesk();
    await desk.install('ops', 'code', 'ann');
    await desk.ended('ops', 'T1', 'gone\nfor good');
    expect(done.at(-1)).toBe('missing ops: “Lantern” (T1)');
    expect(desk.all.find('ops', 'T1')?.ended).toEqual({ at: 1_000, reason: 'gone for good' });
    await desk.ended('ops', 'T9');
    expect(done.at(-1), 'nobody knows it').toBe('missing ops: “Lantern” (T1)');
  });
});

describe('Whom the rules tell', () => {
  test('is known where an address names the workspace, with labels or not', async () => {
    const { desk } = await openDesk();
    const template = (parts: (string | { label: string })[], other: string) => ({
      target: 'ops',
      address: { parts, else: other, allowed: ['*'] },
    });
    const told: To[] = [
      { target: 'ops', address: 'T1/C1' },
      { target: 'ops', address: 'T1/C2' },
      template(['T2/', { label: 'channel' }], 'T3/C3'),
      template([{ label: 'team' }, '/C4'], 'T4/C4'),
      { target: 'mail', address: 'T5/C5' },
      { target: 'ops' },
    ];
    expect(desk.missingIn(told).map(({ workspace }) => workspace)).toEqual(['T1', 'T2', 'T3', 'T4']);
  });
});

describe('Places', () => {
  test('are asked for once in a while, and anew after an installation', async () => {
    const { desk, asked } = await openDesk();
    await Promise.all([desk.places('ops', 'T1'), desk.places('ops', 'T1')]);
    expect(asked.length).toBe(1);
    await desk.install('ops', 'code', 'ann');
    await desk.places('ops', 'T1');
    expect(asked.length).toBe(2);
  });
});
