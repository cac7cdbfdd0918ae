import type { Signal } from './types.ts';

/**
 * Signals as one text, which crosses threads and lies in a journal at less cost than objects: a line of JSON, and a line
 * for the `data` of each alert, which is JSON already and would be escaped and read once more inside the first.
 */
export function packSignals(signals: readonly Signal[]): string {
  const lines: string[] = [];
  const heads = signals.map((signal) => {
    // Only JSON laid out for people has more than one line; it stays inside.
    if (signal.kind !== 'alert' || signal.data.includes('\n')) return signal;
    lines.push(signal.data);
    // Left out of the text. A rest of the others takes several times as long.
    return { ...signal, data: undefined };
  });
  return [JSON.stringify(heads), ...lines].join('\n');
}

/** What `packSignals` made a text of. Throws an Error for a text that it didn't make. */
export function unpackSignals(text: string): Signal[] {
  const lines = text.split('\n');
  // Signals of this program, but for the data that each alert gets here.
  const signals: Signal[] = JSON.parse(lines[0] as string);
  let next = 1;
  for (const signal of signals) {
    if (signal.kind !== 'alert' || signal.data !== undefined) continue;
    const data = lines[next++];
    if (data === undefined) throw new SyntaxError('an alert of the packed signals lacks its data');
    signal.data = data;
  }
  if (next !== lines.length) throw new SyntaxError(`${lines.length - next} lines of the packed signals belong to none`);
  return signals;
}
