/** What holds a delivery back, read from the words that the engine keeps with it. */
export type Holder =
  | { kind: 'silence'; id: string }
  | { kind: 'inhibition'; group: string }
  /** Times and the like, in the words themselves: `outside of office`. */
  | { kind: 'other'; text: string };

/** `silence 7, inhibited by group 1001, outside of office, weekend` */
export function holdersOf(held: string): Holder[] {
  return held.split(/, (?=silence |inhibited by group |outside of |within )/).map((text): Holder => {
    const [, silence] = /^silence (.+)$/.exec(text) ?? [];
    if (silence !== undefined) return { kind: 'silence', id: silence };
    const [, group] = /^inhibited by group (.+)$/.exec(text) ?? [];
    return group === undefined ? { kind: 'other', text } : { kind: 'inhibition', group };
  });
}

export function silencesIn(held: string): string[] {
  return holdersOf(held).flatMap((holder) => (holder.kind === 'silence' ? holder.id : []));
}

export function groupsIn(held: string): string[] {
  return holdersOf(held).flatMap((holder) => (holder.kind === 'inhibition' ? holder.group : []));
}
