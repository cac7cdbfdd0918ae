import type { SlackPage } from '../support/slack-page.ts';
import type { Hub } from './hub.ts';

/** A monitor, one channel in which it is told of, and what people press there. */
export interface Scene {
  name: string;
  /** As people write it; no other scene is told of there. */
  channel: string;
  /** The program that has to be installed. */
  needs: { program: string; isThere(): boolean };
  /** What the hub does without, and what this has to find then: a check counts only once it was seen failing. */
  proofs: readonly { without: 'no-write-back' | 'unconfirmed-write-back' | 'no-watch'; finds: RegExp }[];
  /** Starts the monitor. The hub isn't there yet; it will listen at `address`. */
  prepare(folder: string, address: string): Promise<Stage>;
}

/** What stands before the curtain rises. */
export interface Stage {
  /** Of the hub's config; the id is the scene's name. */
  source: { use: string; settings?: object; writeBack: object };
  /** A file of authorities that the hub trusts. */
  authority?: string;
  tell(audience: Audience): Promise<void>;
  /** What the monitor wrote. */
  output(): string;
  end(): Promise<void>;
}

export interface Audience {
  page: SlackPage;
  hub: Hub;
  /** Milliseconds within which what a monitor doesn't say by itself has to be told. */
  patience: number;
  /** Says what was seen, and how long it took since the last time. */
  says(what: string): void;
}

/** The key of the source in the hub. */
export function keyOf(scene: string): string {
  return `key-of-the-scene-${scene}`;
}
