/** One side of the accounts against the other. */
export interface Sum {
  left: number;
  right: number;
  holds: boolean;
}

/** received = grouped + ignored + rejected; owed = delivered + pending + superseded + suppressed + dead + cancelled. */
export function sumsOf(counters: Readonly<Record<string, number>>): { received: Sum; owed: Sum } {
  const total = (...names: string[]) =>
    Object.entries(counters)
      .filter(([name]) => names.includes(name.split('.', 1)[0] as string)) // a split has a first part
      .reduce((sum, [, value]) => sum + value, 0);
  const sum = (left: number, right: number) => ({ left, right, holds: left === right });
  return {
    received: sum(total('received'), total('grouped', 'ignored', 'rejected')),
    owed: sum(total('owed'), total('delivered', 'pending', 'superseded', 'suppressed', 'dead', 'cancelled')),
  };
}
