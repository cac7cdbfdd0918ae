import type { Installed } from '@tocsin/core';
import type { Store } from '@tocsin/engine';
import type { ChangingSecrets } from '../secret-forms.ts';
import type { MasterKeys } from '../secrets/master-keys.ts';
import type { Resealable, Rotated } from '../secrets/secret-store.ts';
import { NotInstalled } from './not-installed.ts';
import {
  type InstallationInfo,
  idOf,
  installationKind,
  readInstallation,
  type StoredInstallation,
  sealInstallation,
  writeInstallation,
} from './record.ts';

export interface InstallationsOptions {
  store: Pick<Store, 'putRecord' | 'removeRecord' | 'query'>;
  keys: MasterKeys;
  /** From the id of each target that workspaces install to the origin that their tokens are for. */
  origins: ReadonlyMap<string, string>;
}

/** Old tokens that are known, so that they are masked where somebody repeats them. */
const mostRetired = 200;

/**
 * The workspaces that have let apps of ours in. Their tokens lie in the store under the key of the secrets, and one leaves
 * this class only for a request of its target towards its vendor.
 */
export class Installations implements ChangingSecrets, Resealable {
  readonly #options: InstallationsOptions;
  readonly #all: Map<string, StoredInstallation>;
  readonly #retired: [reference: string, token: string][] = [];
  /** Another once the tokens are others. */
  version = 0;
  /** Changes are made one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  static async open(options: InstallationsOptions): Promise<Installations> {
    const records = await options.store.query.records(installationKind);
    const found = records.flatMap((record) => readInstallation(record, options.keys) ?? []);
    return new Installations(options, found);
  }

  private constructor(options: InstallationsOptions, found: readonly StoredInstallation[]) {
    this.#options = options;
    this.#all = new Map(found.map((one) => [idOf(one), one]));
  }

  /** The ids of the targets that workspaces install. */
  get targets(): string[] {
    return [...this.#options.origins.keys()];
  }

  isInstallable(target: string): boolean {
    return this.#options.origins.has(target);
  }

  /** The token for a request to this address; nothing where it is not for it. Throws a NotInstalled. */
  tokenFor(target: string, workspace: string, url: URL): string | undefined {
    if (this.#options.origins.get(target) !== url.origin) return undefined;
    const found = this.find(target, workspace);
    if (!found) throw new NotInstalled(target, workspace);
    if (found.ended) throw new NotInstalled(target, workspace, found.ended.reason);
    const { token } = this.#all.get(idOf(found)) ?? {};
    if (token === undefined) throw new NotInstalled(target, workspace, 'its token can’t be read');
    return token;
  }

  /** Whether what is told there can go. */
  isReady(target: string, workspace: string): boolean {
    return this.#all.get(idOf({ target, workspace }))?.token !== undefined;
  }

  find(target: string, workspace: string): InstallationInfo | undefined {
    const found = this.#all.get(idOf({ target, workspace }));
    return found && infoOf(found);
  }

  /** Those of a target, by their names. */
  list(target: string): InstallationInfo[] {
    const own = [...this.#all.values()].filter((one) => one.target === target);
    return own.sort((left, right) => (left.name < right.name ? -1 : 1)).map(infoOf);
  }

  /** Takes a workspace in, or its new token. `now` in milliseconds since 1970. */
  save(target: string, { id, name, token, scopes }: Installed, author: string, now: number): Promise<InstallationInfo> {
    return this.#next(async () => {
      const info = { target, workspace: id, name, scopes, author, installedAt: now, ended: null };
      await this.#put(sealInstallation(info, token, this.#options.keys.current));
      return info;
    });
  }

  /**
   * The workspace has let us go: its token is deleted. `at` is when, in milliseconds since 1970; nothing happens where it
   * has let us in again since. Says whether anything did.
   */
  end(target: string, workspace: string, reason: string, at: number): Promise<boolean> {
    return this.#next(async () => {
      const found = this.#all.get(idOf({ target, workspace }));
      if (!found || found.ended || at < found.installedAt) return false;
      await this.#put({ ...found, ended: { at, reason }, sealed: null, token: undefined });
      return true;
    });
  }

  /** Says whether there was one. */
  remove(target: string, workspace: string): Promise<boolean> {
    return this.#next(async () => {
      const id = idOf({ target, workspace });
      const wasThere = await this.#options.store.removeRecord(installationKind, id);
      this.#retire(this.#all.get(id));
      this.#all.delete(id);
      return wasThere;
    });
  }

  /** For masks: every token with what stands in its place, those that are no more too. */
  known(): [reference: string, token: string][] {
    const present = [...this.#all.values()].flatMap((one): [string, string][] =>
      one.token === undefined ? [] : [[referenceOf(one), one.token]],
    );
    return [...present, ...this.#retired];
  }

  /** Puts every token under the newest key. */
  reseal(): Promise<Rotated> {
    return this.#next(async () => {
      const { keys } = this.#options;
      let resealed = 0;
      for (const { token, sealed, ...info } of [...this.#all.values()]) {
        if (token === undefined || sealed?.key === keys.current.id) continue;
        await this.#put(sealInstallation(info, token, keys.current));
        resealed += 1;
      }
      const all = [...this.#all.values()].filter(({ sealed }) => sealed !== null);
      const unreadable = all.filter(({ token }) => token === undefined).map(idOf);
      return { resealed, total: all.length, unreadable };
    });
  }

  get hasAny(): boolean {
    return [...this.#all.values()].some(({ sealed }) => sealed !== null);
  }

  async #put(one: StoredInstallation): Promise<void> {
    await this.#options.store.putRecord(writeInstallation(one));
    const before = this.#all.get(idOf(one));
    this.#all.set(idOf(one), one);
    if (before?.token !== one.token) this.#retire(before);
    this.version += 1;
  }

  #retire(before: StoredInstallation | undefined): void {
    this.version += 1;
    if (before?.token === undefined) return;
    this.#retired.push([referenceOf(before), before.token]);
    if (this.#retired.length > mostRetired) this.#retired.shift();
  }

  #next<Result>(change: () => Promise<Result>): Promise<Result> {
    const turn = this.#turn.then(change);
    this.#turn = turn.catch(() => {});
    return turn;
  }
}

function infoOf({ sealed: _, token: __, ...info }: StoredInstallation): InstallationInfo {
  return info;
}

/** What people read in place of a token. */
function referenceOf(one: Pick<InstallationInfo, 'target' | 'workspace'>): string {
  return `\${installation:${idOf(one)}}`;
}
