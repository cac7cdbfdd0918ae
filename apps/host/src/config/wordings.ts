import { createHash } from 'node:crypto';
import { canonicalJson } from '@tocsin/core';
import type { Route } from '@tocsin/engine';
import type { LoadedConfig } from './config.ts';
import type { Path } from './path.ts';
import type { RouteShape } from './schema.ts';
import type { WrittenTemplates } from './templates.ts';

/** The routes as the engine takes them: the templates of an entry are a name there, which its deliveries carry. */
export function nameWordings(given: readonly RouteShape[]): Pick<LoadedConfig, 'routes' | 'wordings'> {
  const wordings = new Map<string, LoadedConfig['wordings'][number]>();
  const level = (routes: readonly RouteShape[], above: Path): Route[] =>
    routes.map(({ to, routes: below, ...route }, index) => {
      const path = [...above, 'routes', index];
      const told = to.map(({ templates, ...entry }, position) => {
        if (templates === undefined) return entry;
        const name = nameOf(templates);
        if (!wordings.has(name)) wordings.set(name, { name, path: [...path, 'to', position, 'templates'], templates });
        return { ...entry, wording: name };
      });
      return { ...route, to: told, ...(below ? { routes: level(below, path) } : {}) };
    });
  return { routes: level(given, []), wordings: [...wordings.values()] };
}

/** From what the file says, so that routes may be moved, and files of a folder edited, while deliveries are under way. */
function nameOf(templates: WrittenTemplates): string {
  return createHash('sha256').update(canonicalJson(templates)).digest('hex').slice(0, 16);
}
