import type { CompiledRules } from './decide.ts';
import { compileInhibition } from './inhibition.ts';
import { compileRoutes } from './routing.ts';
import { compileTimeIntervals } from './time-gate.ts';
import type { Rules } from './types.ts';

/** Rules as `decide` takes them. Throws a TocsinError `config` for what doesn't compile. */
export function compileRules(rules: Rules): CompiledRules {
  return {
    rules,
    router: compileRoutes(rules.routes, rules.channels),
    gate: compileTimeIntervals(rules.timeIntervals ?? {}),
    inhibition: compileInhibition(rules.inhibit ?? []),
  };
}
