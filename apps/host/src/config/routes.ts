import { parseAddress, type Route, type To } from '@tocsin/engine';
import type { Path } from './path.ts';
import type { RouteShape } from './schema.ts';
import type { WrittenTo } from './subscription.ts';
import type { Wordings } from './wordings.ts';

/** What entries need besides what they say: whom each target may tell, and where their templates are kept. */
export interface Reach {
  allowed: ReadonlyMap<string, readonly string[]>;
  wordings: Wordings;
}

/**
 * The routes as the engine takes them: the templates of an entry are a name there, which its deliveries carry, and an
 * address with labels has what its target allows.
 */
export function toRoutes(routes: readonly RouteShape[], reach: Reach, above: Path = []): Route[] {
  return routes.map(({ to, routes: below, ...route }, index) => {
    const path = [...above, 'routes', index];
    const told = to.map((entry, position) => toTelling(entry, [...path, 'to', position], reach));
    return { ...route, to: told, ...(below ? { routes: toRoutes(below, reach, path) } : {}) };
  });
}

export function toTelling(
  { templates, address, else: other, ...rest }: WrittenTo,
  path: Path,
  { allowed, wordings }: Reach,
): To {
  return {
    ...rest,
    ...(address === undefined ? {} : { address: toAddress(address, other, allowed.get(rest.target)) }),
    ...(templates === undefined ? {} : { wording: wordings.nameOf(templates, [...path, 'templates']) }),
  };
}

/** The checks saw to it that one with labels has an `else`. */
function toAddress(address: string, other = '', allowed: readonly string[] = []): To['address'] {
  const parts = parseAddress(address) ?? [];
  return other === '' ? address : { parts, else: other, allowed: [...allowed] };
}
