import { isAllowed, parseAddress, parseMatchers } from '@tocsin/engine';
import { type Checked, type Findings, itemsOf, quoteAt, textsAt, toldOf } from './checked.ts';
import type { Finding } from './finding.ts';
import { suggest } from './nearest.ts';
import { type Path, valueAt } from './path.ts';

/** Routes lead to targets that exist, each can be reached, and none of the alerts gets lost. */
export function checkRoutes(checked: Checked): Findings {
  const findings: Findings = { faults: [], warnings: [] };
  const top: Path = ['routes'];
  checkLevel(checked, top, findings);
  const routes = valueAt(checked.resolved, top) ?? [];
  // What is no list of routes is refused as such.
  if (valueAt(checked.resolved, ['unrouted']) !== undefined || !Array.isArray(routes)) return findings;
  const lost = findLost(checked, top, false);
  if (lost) findings.faults.push(lost);
  return findings;
}

function checkLevel(checked: Checked, level: Path, findings: Findings): void {
  const routes = itemsOf(checked.resolved, level);
  for (const path of routes) {
    const entries = itemsOf(checked.resolved, [...path, 'to']);
    findings.faults.push(...unknownIntervals(checked, path), ...checkEntries(checked, entries));
    checkLevel(checked, [...path, 'routes'], findings);
  }
  const last = routes.findIndex(
    (path) => matchesAll(checked, path) && valueAt(checked.resolved, [...path, 'continue']) !== true,
  );
  const next = last < 0 ? undefined : routes[last + 1];
  if (next) {
    const message = 'is never reached: the route before it matches everything; move that one to the end';
    findings.warnings.push({ path: next, message });
  }
}

/** What is wrong with entries that say who is told. */
export function checkEntries(checked: Checked, entries: readonly Path[]): Finding[] {
  return entries.flatMap((entry) => [
    ...unknownTarget(checked, entry),
    ...unknownIntervals(checked, entry),
    ...checkEntry(checked, entry),
  ]);
}

function unknownTarget({ resolved, written }: Checked, entry: Path): Finding[] {
  const targets = textsAt(
    resolved,
    itemsOf(resolved, ['targets']).map((path) => [...path, 'id']),
  );
  const ids = targets.map(({ text }) => text);
  return textsAt(resolved, [entry, [...entry, 'target']])
    .filter(({ text }) => !ids.includes(text))
    .map(({ path, text }) => {
      const remedy =
        ids.length > 0 ? suggest(text, toldOf(written, targets), 'targets') : '; there are no `targets` yet';
      return { path, message: `unknown target ${quoteAt(written, path)}${remedy}` };
    });
}

function unknownIntervals({ resolved, written }: Checked, place: Path): Finding[] {
  const intervals = valueAt(resolved, ['timeIntervals']);
  const known = intervals !== null && typeof intervals === 'object' ? Object.keys(intervals) : [];
  const places = ['active', 'mute'].flatMap((key) => [[...place, key], ...itemsOf(resolved, [...place, key])]);
  return textsAt(resolved, places)
    .filter(({ text }) => !known.includes(text))
    .map(({ path, text }) => {
      const remedy = known.length > 0 ? suggest(text, known, 'timeIntervals') : '; there are no `timeIntervals` yet';
      return { path, message: `unknown time interval ${quoteAt(written, path)}${remedy}` };
    });
}

/** What the keys of one `to` entry mean together. */
function checkEntry(checked: Checked, entry: Path): Finding[] {
  const { resolved } = checked;
  const at = (key: string) => valueAt(resolved, [...entry, key]);
  const findings: Finding[] = [];
  const say = (key: string, message: string) => findings.push({ path: [...entry, key], message });
  if (at('while') !== undefined && at('after') === undefined) say('while', 'says nothing without `after: 15m`');
  if (at('after') !== undefined && at('wait') !== undefined) say('wait', 'has no effect beside `after`; remove one');
  return [...findings, ...checkAddress(checked, entry)];
}

/** A payload never chooses freely whom we reach. */
function checkAddress({ resolved, written }: Checked, entry: Path): Finding[] {
  const at = (key: string) => valueAt(resolved, [...entry, key]);
  const [address, other] = [at('address'), at('else')];
  const place = [...entry, 'address'];
  if (typeof address !== 'string' || address === '') {
    return other === undefined ? [] : [{ path: [...entry, 'else'], message: 'says nothing without `address`' }];
  }
  const parts = parseAddress(address);
  if (!parts) {
    const message = `${quoteAt(written, place)} has something else in \`{{…}}\` than a label; write \`{{labels.team}}\``;
    return [{ path: place, message }];
  }
  const allowed = allowedOf(resolved, at('target'));
  const refused = (path: Path): Finding => ({
    path,
    message: `${quoteAt(written, path)} is not among the \`addresses\` of that target; add it there, or correct it`,
  });
  if (parts.every((part) => typeof part === 'string')) {
    if (other !== undefined) return [{ path: [...entry, 'else'], message: 'says nothing: the address holds no label' }];
    return allowed && !isAllowed(address, allowed) ? [refused(place)] : [];
  }
  if (!allowed) {
    const message = 'holds labels, so its target needs `addresses`, the ones that it may tell: `["#team-*", "#noc"]`';
    return [{ path: place, message }];
  }
  if (typeof other !== 'string') {
    return [
      { path: place, message: 'needs `else`, the address where a label is missing or the result is not allowed' },
    ];
  }
  return isAllowed(other, allowed) ? [] : [refused([...entry, 'else'])];
}

function allowedOf(resolved: unknown, target: unknown): string[] | undefined {
  const own = itemsOf(resolved, ['targets']).find((path) => valueAt(resolved, [...path, 'id']) === target);
  const allowed = own && valueAt(resolved, [...own, 'addresses']);
  return Array.isArray(allowed) ? allowed.filter((one) => typeof one === 'string') : undefined;
}

/** The first place where an alert would fall out of the tree and tell nobody. */
function findLost(checked: Checked, level: Path, isTold: boolean): Finding | undefined {
  const routes = itemsOf(checked.resolved, level);
  if (level.length === 1 && takesAll(checked)) return undefined;
  if (level.length === 1 && !routes.some((path) => matchesAll(checked, path))) {
    const last = routes.at(-1);
    const fault = last ? 'the last route must match everything' : 'there is no route, so nobody is told';
    const remedy = 'add `- to: [<target>]` at the end of `routes`, or write `unrouted: drop` if alerts may get lost';
    return { path: last ?? level, message: `${fault}; ${remedy}` };
  }
  for (const path of routes) {
    const told = isTold || itemsOf(checked.resolved, [...path, 'to']).length > 0;
    const below = [...path, 'routes'];
    const covered = itemsOf(checked.resolved, below).some((route) => matchesAll(checked, route));
    if (!told && !covered) {
      return {
        path,
        message: 'tells nobody; add `to: [<target>]`, or write `unrouted: drop` at the top if that is meant',
      };
    }
    const lost = findLost(checked, below, told);
    if (lost) return lost;
  }
  return undefined;
}

/** Whether a channel takes everything that the routes don't. */
function takesAll(checked: Checked): boolean {
  return itemsOf(checked.resolved, ['channels']).some(
    (path) => matchesAll(checked, path) && itemsOf(checked.resolved, [...path, 'subscriptions']).length > 0,
  );
}

/** What the schema refuses may be anything; it counts as matching something. */
function matchesAll({ resolved }: Checked, route: Path): boolean {
  const match = valueAt(resolved, [...route, 'match']);
  const texts = match === undefined ? [] : Array.isArray(match) ? match : [match];
  const value = valueAt(resolved, route);
  return (
    value !== null && typeof value === 'object' && texts.every((text) => typeof text === 'string' && isEmptyMatch(text))
  );
}

function isEmptyMatch(text: string): boolean {
  try {
    return parseMatchers(text).length === 0;
  } catch {
    return false;
  }
}
