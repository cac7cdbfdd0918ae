import type { StoredRecord } from '@tocsin/engine';
import { describe, expect, test, vi } from 'vitest';
import { newMasterKey } from '../src/secrets/master-key.ts';
import type { MasterKeys } from '../src/secrets/master-keys.ts';
import { SecretStore, type SecretStoreOptions } from '../src/secrets/secret-store.ts';
import { letGo, reportAtStart } from '../src/secrets/waiting.ts';

// What becomes of targets whose secret is missing, or is not for them.

const key = newMasterKey();
const keys = { current: key, find: () => key, origin: 'a test' } as unknown as MasterKeys; // as much of it as is used

/** Secrets that `ops` and `dev` refer to. */
async function openSecrets() {
  const store = {
    putRecord: async () => 0,
    removeRecord: async () => true,
    query: { records: async (): Promise<StoredRecord[]> => [] },
  } as unknown as SecretStoreOptions['store']; // it reads nothing else
  const users = new Map([
    ['slack/ops', ['ops']],
    ['slack/both', ['ops', 'dev']],
  ]);
  return SecretStore.open({ store, keys, users });
}

const troublesOf = () => ({ secretMissing: vi.fn(), secretSet: vi.fn(), isBroken: vi.fn() });

describe('seed-K11 A target that may not use a secret', () => {
  test('is told so at the start, as an alarm and in the log, and gets none', async () => {
    const secrets = await openSecrets();
    await secrets.set('slack/ops', { value: 'value-of-ops' }, 'ann', 1);
    await secrets.set('slack/both', { value: 'value-of-both', targets: ['dev'] }, 'ann', 1);
    const [troubles, log] = [troublesOf(), { warn: vi.fn() }];
    reportAtStart({ secrets, troubles, log });
    expect(troubles.isBroken.mock.calls).toEqual([['ops', '', 'the secret ${secret:slack/both} is not for it']]);
    expect(log.warn).toHaveBeenCalledExactlyOnceWith(
      { targets: ['ops'] },
      expect.stringContaining('${secret:slack/both}'),
    );
    expect(() => secrets.read('slack/both', 'ops')).toThrow(
      'the secret ${secret:slack/both} is not for the target ops',
    );
    expect(secrets.read('slack/both', 'dev')).toBe('value-of-both');
    expect(secrets.read('slack/ops', 'ops')).toBe('value-of-ops');
  });
});

describe('seed-K8 A target that waits for a secret', () => {
  test('waits until all of its secrets are set', async () => {
    const secrets = await openSecrets();
    const [troubles, log] = [troublesOf(), { warn: vi.fn() }];
    reportAtStart({ secrets, troubles, log });
    expect(troubles.secretMissing.mock.calls.sort()).toEqual([
      ['dev', 'slack/both'],
      ['ops', 'slack/both'],
      ['ops', 'slack/ops'],
    ]);
    const disabled = { target: 'dev', pausedUntil: null, disabled: { at: 1, reason: 'HTTP 410' } };
    const store = { enable: vi.fn(), hurry: vi.fn(), query: { lanes: async () => [disabled] } };
    const go = (targets: string[]) => letGo(targets, { secrets, troubles, store: store as never }); // as much of it as is used
    await secrets.set('slack/both', { value: 'value-of-both' }, 'ann', 1);
    await go(['ops', 'dev']);
    expect(troubles.secretSet.mock.calls).toEqual([['dev']]);
    expect([store.enable.mock.calls, store.hurry.mock.calls]).toEqual([[['dev']], [['ops']]]);
    await secrets.set('slack/ops', { value: 'value-of-ops' }, 'ann', 1);
    await go(['ops']);
    expect(troubles.secretSet.mock.calls).toEqual([['dev'], ['ops']]);
  });
});
