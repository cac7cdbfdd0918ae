import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** One system call of a traced program. */
export interface Call {
  /** `fsync`, `pwrite64`, … */
  name: string;
  /** What its file descriptor stood for: a path, or `socket:[…]`. */
  file: string;
  /** The bytes that it was given, of all its buffers. */
  bytes: Buffer;
  /** Where in the file, for the calls that say so. */
  offset: number | undefined;
}

/** A call began, or it ended with a result; in the order in which it happened. */
export type Moment = { kind: 'began'; call: Call } | { kind: 'ended'; call: Call; result: number };

/**
 * Reads what `strace -f -y -o <file>` wrote. The tracer stops a thread before and after each call, so what stands before
 * something in the file was before it in time. https://man7.org/linux/man-pages/man1/strace.1.html
 */
export async function* readTrace(file: string): AsyncGenerator<Moment> {
  const unfinished = new Map<string, Call>();
  for await (const line of createInterface({ input: createReadStream(file, 'latin1') })) {
    const resumed = /^(\d+) +<\.\.\. \w+ resumed>.*?= (-?\d+)/.exec(line);
    if (resumed) {
      const [, thread = '', result] = resumed;
      const call = unfinished.get(thread);
      unfinished.delete(thread);
      if (call) yield { kind: 'ended', call, result: Number(result) };
      continue;
    }
    const [, thread = '', name = '', path = '', rest = ''] = /^(\d+) +(\w+)\(\d+<(.*?)>(.*)$/.exec(line) ?? [];
    if (name === '') continue;
    const offset = /", \d+, (\d+)(?:\)| <unfinished)/.exec(rest)?.[1];
    const call = { name, file: path, bytes: bytesOf(rest), offset: offset === undefined ? undefined : Number(offset) };
    yield { kind: 'began', call };
    const result = /\) += (-?\d+)[^"]*$/.exec(rest)?.[1];
    if (result === undefined) unfinished.set(thread, call);
    else yield { kind: 'ended', call, result: Number(result) };
  }
}

/** The quoted buffers among a call's arguments, put together. */
function bytesOf(text: string): Buffer {
  const buffers: Buffer[] = [];
  for (const [, quoted = '', cut] of text.matchAll(/"((?:[^"\\]|\\.)*)"(\.\.\.)?/g)) {
    if (cut) throw new Error('the trace has cut a buffer; give strace a larger -s');
    buffers.push(unquote(quoted));
  }
  return Buffer.concat(buffers);
}

const letters: Record<string, string> = { n: '\n', t: '\t', r: '\r', v: '\v', f: '\f' };

/** Octal escapes have three digits wherever a digit follows them. */
function unquote(text: string): Buffer {
  const plain = text.replace(/\\([0-7]{1,3}|.)/g, (_, code: string) =>
    /^[0-7]/.test(code) ? String.fromCharCode(Number.parseInt(code, 8)) : (letters[code] ?? code),
  );
  return Buffer.from(plain, 'latin1');
}
