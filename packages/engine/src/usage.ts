import type { Group } from './types.ts';

/** What the open groups of a source take up. */
export interface Usage {
  groups: number;
  /** Characters of their alerts' data. */
  stored: number;
}

export const noUsage: Usage = { groups: 0, stored: 0 };

/** The same after one group changed; a group that did not exist before is undefined. */
export function usageAfter(usage: Usage, before: Group | undefined, after: Group): Usage {
  const [was, is] = [usageOf(before), usageOf(after)];
  if (was.groups === is.groups && was.stored === is.stored) return usage;
  return { groups: usage.groups + is.groups - was.groups, stored: usage.stored + is.stored - was.stored };
}

function usageOf(group: Group | undefined): Usage {
  return group && group.status !== 'resolved' ? { groups: 1, stored: group.stored } : noUsage;
}
