import { type Checked, itemsOf, quoteAt, textsAt } from './checked.ts';
import type { Finding } from './finding.ts';
import { hubIntegration, readEntry } from './integration-entry.ts';
import { type Path, valueAt } from './path.ts';

/** The hub's own troubles have at most one source, to which nobody posts. */
export function checkHub(checked: Checked): Finding[] {
  const { resolved, written } = checked;
  const [first, ...others] = hubSources(checked);
  if (!first) {
    if (valueAt(resolved, ['unrouted']) !== 'raise') return [];
    const message = `\`raise\` needs a source with \`use: ${hubIntegration}\`, which tells of them`;
    return [{ path: ['unrouted'], message }];
  }
  return [
    ...others.map((path) => ({
      path: [...path, 'use'],
      message: `${quoteAt(written, [...path, 'use'])} is the second source of the hub's own troubles; remove one`,
    })),
    ...[first, ...others].flatMap((path) =>
      ['key', 'keys']
        .filter((name) => valueAt(resolved, [...path, name]) !== undefined)
        .map((name): Finding => {
          const message = 'nobody posts to this source: the hub alone tells it of its troubles; remove the key';
          return { path: [...path, name], message, at: 'key' };
        }),
    ),
  ];
}

/** Where the sources are that take no requests. */
export function hubSources({ resolved }: Pick<Checked, 'resolved'>): Path[] {
  const uses = itemsOf(resolved, ['sources']).map((path) => [...path, 'use']);
  return textsAt(resolved, uses)
    .filter(({ text }) => readEntry(text).id === hubIntegration)
    .map(({ path }) => path.slice(0, -1));
}
