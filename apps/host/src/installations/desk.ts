import type { Place, VendorRefusal } from '@tocsin/core';
import type { Store, To } from '@tocsin/engine';
import type { FastifyBaseLogger } from 'fastify';
import type { Troubles } from '../troubles/troubles.ts';
import { Beginnings } from './beginnings.ts';
import type { Installations } from './installations.ts';
import { type InstallationInfo, workspacePattern } from './record.ts';
import { isRefusal, type Places, type Vendor } from './vendor.ts';
import { type WantedWorkspace, wantedBy } from './wanted.ts';

export interface InstallationDeskOptions {
  installations: Installations;
  vendor: Pick<Vendor, 'authorizeAddress' | 'exchange' | 'revoke' | 'places'>;
  store: Pick<Store, 'hurry'>;
  troubles: Pick<Troubles, 'installationMissing' | 'installed'>;
  log: Pick<FastifyBaseLogger, 'info' | 'warn'>;
  /** Everybody who is told of something, by the rules as they are now. */
  told: () => Iterable<To>;
  /** The hub's address, without a slash at the end. */
  url: () => string;
  now?: () => number;
}

/** Milliseconds for which the places of a workspace are not asked for again. */
const placesLifetime = 60_000;
const longestName = 100;
const longestReason = 200;

/** Where apps get into workspaces, and out of them. */
export class InstallationDesk {
  readonly all: Installations;
  readonly #options: InstallationDeskOptions;
  readonly #beginnings: Beginnings;
  readonly #now: () => number;
  /** Of each target, the workspaces that something waits for. */
  readonly #missing = new Map<string, Set<string>>();
  readonly #places = new Map<string, { until: number; answer: Promise<Places | VendorRefusal> }>();
  /** Those that an admin takes away just now: what the vendor says of that is no news. */
  readonly #leaving = new Set<string>();

  constructor(options: InstallationDeskOptions) {
    this.#options = options;
    this.all = options.installations;
    this.#now = options.now ?? Date.now;
    this.#beginnings = new Beginnings(this.#now);
  }

  isInstallable(target: string): boolean {
    return this.all.isInstallable(target);
  }

  /** Where the browser of an admin goes, and what only that browser may know. */
  async begin(target: string, actor: string): Promise<{ address: string; browser: string }> {
    const { state, browser } = this.#beginnings.begin({ target, actor });
    const redirectUri = redirectAddress(this.#options.url(), target);
    return { address: await this.#options.vendor.authorizeAddress(target, { redirectUri, state }), browser };
  }

  /** Who began it in this browser; it is over with that. Nothing where nobody did. */
  finish(target: string, { state, browser }: { state: string; browser: string }): string | undefined {
    return this.#beginnings.finish(target, state, browser)?.actor;
  }

  /** Makes an installation of the code that came back, and lets go what waited for it. */
  async install(target: string, code: string, actor: string): Promise<InstallationInfo | VendorRefusal> {
    const { vendor, store, url, log } = this.#options;
    const granted = await vendor.exchange(target, { code, redirectUri: redirectAddress(url(), target) });
    if (isRefusal(granted)) {
      log.warn({ target, actor, reason: granted.refused }, 'not installed');
      return granted;
    }
    if (!workspacePattern.test(granted.id))
      return { refused: 'its vendor named no workspace that addresses could name' };
    const name = plain(granted.name, longestName) || granted.id;
    const installed = await this.all.save(target, { ...granted, name }, actor, this.#now());
    log.info({ target, workspace: installed.workspace, actor }, 'installed');
    this.#places.delete(keyOf(target, installed.workspace));
    this.#isThere(target, installed.workspace);
    await store.hurry(target);
    return installed;
  }

  /** Takes the app out of a workspace; with why its vendor doesn't know of it, if so. Nothing where it isn't in there. */
  async remove(target: string, workspace: string, actor: string): Promise<{ notRevoked?: string } | undefined> {
    if (!this.all.find(target, workspace)) return undefined;
    const key = keyOf(target, workspace);
    this.#leaving.add(key);
    try {
      const refused = this.all.isReady(target, workspace)
        ? await this.#options.vendor.revoke(target, workspace)
        : undefined;
      await this.all.remove(target, workspace);
      this.#places.delete(key);
      this.#options.log.info({ target, workspace, actor }, 'installation removed');
      if (this.wanted().some((one) => keyOf(one.target, one.workspace) === key)) this.isMissed(target, workspace);
      else this.#isThere(target, workspace);
      return refused && !refused.isEnded ? { notRevoked: refused.refused } : {};
    } finally {
      this.#leaving.delete(key);
    }
  }

  /** The vendor says that a workspace has let the app go. `at` in milliseconds since 1970. */
  async ended(target: string, workspace: string, reason = 'the workspace has let the app go', at?: number) {
    if (this.#leaving.has(keyOf(target, workspace))) return;
    if (!(await this.all.end(target, workspace, plain(reason, longestReason), at ?? this.#now()))) return;
    this.#options.log.warn(
      { target, workspace },
      'the app was removed from a workspace: nothing is sent there any more',
    );
    this.#places.delete(keyOf(target, workspace));
    this.isMissed(target, workspace);
  }

  /** Something waits for this workspace. `source`: whose alert, if it is one. */
  isMissed(target: string, workspace: string, source?: string): void {
    const missing = this.#missing.get(target) ?? new Set();
    this.#missing.set(target, missing.add(workspace));
    const shown = [...missing].slice(0, 5).map((one) => this.#wordsFor(target, one));
    this.#options.troubles.installationMissing(target, shown, source);
  }

  /** The workspaces that the rules tell something and that don't have the app. */
  missing(): WantedWorkspace[] {
    return this.wanted().filter(({ target, workspace }) => !this.all.isReady(target, workspace));
  }

  /** All that the rules tell something. */
  wanted(): WantedWorkspace[] {
    return wantedBy(this.#options.told(), this.all);
  }

  /** Those of these subscriptions that don't have the app. */
  missingIn(subscriptions: Iterable<To>): WantedWorkspace[] {
    return wantedBy(subscriptions, this.all).filter(({ target, workspace }) => !this.all.isReady(target, workspace));
  }

  /** Says, in the log and as an alarm, for which workspaces something will have to wait. */
  reportAtStart(): void {
    for (const { target, workspace } of this.missing()) {
      const where = `${this.#options.url()}/installations`;
      this.#options.log.warn({ target, workspace }, `the app is not installed in this workspace: ${where}`);
      this.isMissed(target, workspace);
    }
  }

  /** The places of a workspace, asked for once in a while. */
  places(target: string, workspace: string): Promise<Places | VendorRefusal> {
    const key = keyOf(target, workspace);
    const known = this.#places.get(key);
    if (known && known.until > this.#now()) return known.answer;
    const answer = this.#askForPlaces(target, workspace);
    this.#places.set(key, { until: this.#now() + placesLifetime, answer });
    return answer;
  }

  async #askForPlaces(target: string, workspace: string): Promise<Places | VendorRefusal> {
    const forget = () => void this.#places.delete(keyOf(target, workspace));
    try {
      const answer = await this.#options.vendor.places(target, workspace);
      if (!isRefusal(answer)) return { ...answer, places: answer.places.sort(byName) };
      forget();
      if (answer.isEnded) await this.ended(target, workspace);
      return answer;
    } catch (error) {
      forget();
      throw error;
    }
  }

  #isThere(target: string, workspace: string): void {
    const missing = this.#missing.get(target);
    missing?.delete(workspace);
    // One of before the last restart is over too, where nothing else is missing.
    if (!missing?.size && !this.missing().some((one) => one.target === target))
      this.#options.troubles.installed(target);
  }

  #wordsFor(target: string, workspace: string): string {
    const name = this.all.find(target, workspace)?.name;
    if (name !== undefined) return `“${name}” (${workspace})`;
    return workspacePattern.test(workspace) ? workspace : 'a workspace that no address can name';
  }
}

/** Where people come back to after they let the app in. */
export function redirectAddress(url: string, target: string): string {
  return `${url}/oauth/${target}/callback`;
}

function keyOf(target: string, workspace: string): string {
  return `${target}/${workspace}`;
}

/** As one line. */
function plain(text: string, longest: number): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ')
    .trim()
    .slice(0, longest)
    .toWellFormed();
}

function byName(left: Place, right: Place): number {
  return left.name < right.name ? -1 : 1;
}
