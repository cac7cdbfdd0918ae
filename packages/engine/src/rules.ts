import type { CompiledRules } from './decide.ts';
import { compileRoutes } from './routing.ts';
import type { Rules } from './types.ts';

/** Rules as `decide` takes them. Throws a TocsinError `config` for a route that doesn't compile. */
export function compileRules(rules: Rules): CompiledRules {
  return { rules, router: compileRoutes(rules.routes) };
}
