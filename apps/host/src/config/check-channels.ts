import { stateNames } from './channel.ts';
import { checkEntries } from './check-routes.ts';
import { type Checked, itemsOf, quoteAt } from './checked.ts';
import type { Finding } from './finding.ts';
import { type Path, valueAt } from './path.ts';

/** Channels tell targets that exist, and each of their subscriptions can be told apart. */
export function checkChannels(checked: Checked): Finding[] {
  const channels = itemsOf(checked.resolved, ['channels']);
  return [
    ...checkEntries(checked, stateEntries(checked, ['defaults'])),
    ...channels.flatMap((path) => {
      const subscriptions = itemsOf(checked.resolved, [...path, 'subscriptions']);
      return [
        ...checkEntries(checked, [...subscriptions, ...stateEntries(checked, path)]),
        ...namedTwice(checked, subscriptions),
        ...tellsNobody(checked, path, subscriptions),
      ];
    }),
  ];
}

/** An entry stands by itself or in a list; an empty text is none. */
function stateEntries({ resolved }: Checked, owner: Path): Path[] {
  return stateNames.flatMap((state) => {
    const path = [...owner, 'states', state];
    const value = valueAt(resolved, path);
    if (value === undefined || value === '') return [];
    return Array.isArray(value) ? itemsOf(resolved, path) : [path];
  });
}

function namedTwice({ resolved, written }: Checked, subscriptions: readonly Path[]): Finding[] {
  const known = new Set<string>();
  return subscriptions.flatMap((path) => {
    const place = [[...path, 'name'], [...path, 'target'], path].find(
      (one) => typeof valueAt(resolved, one) === 'string',
    );
    if (!place) return [];
    const name = valueAt(resolved, place) as string; // as it was found
    if (known.has(name)) {
      const message = `${quoteAt(written, place)} stands here twice; give each subscription of the channel a \`name\` of its own`;
      return [{ path: place, message }];
    }
    known.add(name);
    return [];
  });
}

function tellsNobody({ resolved }: Checked, path: Path, subscriptions: readonly Path[]): Finding[] {
  if (subscriptions.length > 0 || valueAt(resolved, [...path, 'states']) !== undefined) return [];
  const defaults = valueAt(resolved, ['defaults', 'states']);
  if (defaults !== undefined) return [];
  return [{ path, message: 'tells nobody; add `subscriptions: [<target>]`, or `states`' }];
}
