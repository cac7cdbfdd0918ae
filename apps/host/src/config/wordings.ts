import { createHash } from 'node:crypto';
import { canonicalJson } from '@tocsin/core';
import type { Path } from './path.ts';
import type { WrittenTemplates } from './templates.ts';

/** Templates of one entry of the config, by the name that its deliveries carry. */
export interface NamedWording {
  name: string;
  path: Path;
  templates: WrittenTemplates;
}

/** The templates that stand on entries, each under a name. */
export class Wordings {
  readonly #known = new Map<string, NamedWording>();

  /**
   * The name comes from what the file says, so that routes may be moved, and files of a folder edited, while deliveries
   * are under way.
   */
  nameOf(templates: WrittenTemplates, path: Path): string {
    const name = createHash('sha256').update(canonicalJson(templates)).digest('hex').slice(0, 16);
    if (!this.#known.has(name)) this.#known.set(name, { name, path, templates });
    return name;
  }

  all(): NamedWording[] {
    return [...this.#known.values()];
  }
}
