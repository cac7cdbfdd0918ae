import { createHash } from 'node:crypto';
import { canonicalJson } from '@tocsin/core';
import { parseAddress, type Route, type To } from '@tocsin/engine';
import type { LoadedConfig } from './config.ts';
import type { Path } from './path.ts';
import type { RouteShape } from './schema.ts';
import type { WrittenTemplates } from './templates.ts';

/**
 * The routes as the engine takes them: the templates of an entry are a name there, which its deliveries carry, and an
 * address with labels has what its target allows.
 */
export function toRoutes(
  given: readonly RouteShape[],
  allowed: ReadonlyMap<string, readonly string[]>,
): Pick<LoadedConfig, 'routes' | 'wordings'> {
  const wordings = new Map<string, LoadedConfig['wordings'][number]>();
  const level = (routes: readonly RouteShape[], above: Path): Route[] =>
    routes.map(({ to, routes: below, ...route }, index) => {
      const path = [...above, 'routes', index];
      const told = to.map(({ templates, address, else: other, ...rest }, position): To => {
        const entry =
          address === undefined ? rest : { ...rest, address: toAddress(address, other, allowed.get(rest.target)) };
        if (templates === undefined) return entry;
        const name = nameOf(templates);
        if (!wordings.has(name)) wordings.set(name, { name, path: [...path, 'to', position, 'templates'], templates });
        return { ...entry, wording: name };
      });
      return { ...route, to: told, ...(below ? { routes: level(below, path) } : {}) };
    });
  return { routes: level(given, []), wordings: [...wordings.values()] };
}

/** The checks saw to it that one with labels has an `else`. */
function toAddress(address: string, other = '', allowed: readonly string[] = []): To['address'] {
  const parts = parseAddress(address) ?? [];
  return other === '' ? address : { parts, else: other, allowed: [...allowed] };
}

/** From what the file says, so that routes may be moved, and files of a folder edited, while deliveries are under way. */
function nameOf(templates: WrittenTemplates): string {
  return createHash('sha256').update(canonicalJson(templates)).digest('hex').slice(0, 16);
}
