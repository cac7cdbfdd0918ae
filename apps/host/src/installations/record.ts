import type { StoredRecord } from '@tocsin/engine';
import { z } from 'zod';
import type { MasterKey } from '../secrets/master-key.ts';
import type { MasterKeys } from '../secrets/master-keys.ts';
import { openValue, type Sealed, sealValue } from '../secrets/sealing.ts';

/** The kind of its records. */
export const installationKind = 'installation';

/** Everything about an installation but its token. */
export interface InstallationInfo {
  target: string;
  /** The vendor's id of the workspace. */
  workspace: string;
  name: string;
  scopes: string[];
  /** Who installed it last. */
  author: string;
  /** Milliseconds since 1970. */
  installedAt: number;
  /** The workspace has let us go. */
  ended: { at: number; reason: string } | null;
}

/** An installation as it lies in the store. */
export interface StoredInstallation extends InstallationInfo {
  /** Nothing once it has ended. */
  sealed: Sealed | null;
  /** Nothing once it has ended, and where it doesn't open. */
  token: string | undefined;
}

const shape = z.object({
  name: z.string(),
  scopes: z.array(z.string()),
  installedAt: z.number(),
  ended: z.object({ at: z.number(), reason: z.string() }).nullable(),
  sealed: z.object({ key: z.string(), nonce: z.string(), text: z.string() }).nullable(),
});

/** What can be an id of a workspace, in addresses and in paths of ours. */
export const workspacePattern = /^[A-Za-z0-9_-]{1,64}$/;

export function sealInstallation(info: InstallationInfo, token: string, key: MasterKey): StoredInstallation {
  return { ...info, sealed: sealValue(token, aboutOf(info), key), token };
}

export function writeInstallation({
  target,
  workspace,
  author,
  token: _,
  ...rest
}: StoredInstallation): Omit<StoredRecord, 'writtenAt'> {
  return { kind: installationKind, id: idOf({ target, workspace }), author, value: JSON.stringify(rest) };
}

/** Nothing where no hub wrote it. */
export function readInstallation(
  { id, author, value }: StoredRecord,
  keys: Pick<MasterKeys, 'find'>,
): StoredInstallation | undefined {
  const [target = '', workspace = ''] = id.split('/');
  const read = shape.safeParse(parsed(value));
  if (!read.success || !workspacePattern.test(workspace)) return undefined;
  const { sealed } = read.data;
  const info = { ...read.data, target, workspace, author };
  const key = sealed ? keys.find(sealed.key) : undefined;
  return { ...info, token: sealed && key ? openValue(sealed, aboutOf(info), key) : undefined };
}

/** `<target>/<workspace>` */
export function idOf({ target, workspace }: Pick<InstallationInfo, 'target' | 'workspace'>): string {
  return `${target}/${workspace}`;
}

/** A token opens as that of this workspace at this target alone. */
function aboutOf({ target, workspace }: Pick<InstallationInfo, 'target' | 'workspace'>): unknown[] {
  return [installationKind, target, workspace];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
