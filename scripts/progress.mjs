import { stderr } from 'node:process';

/** Steps that are over sooner than this many milliseconds say nothing. */
const SILENT = 400;

/** What a person can do something about: the message says what happened, `remedy` what to do, `output` what a tool said. */
export class Trouble extends Error {
  /**
   * @param {string} message
   * @param {{ remedy?: string, output?: string, cause?: unknown }} [options]
   */
  constructor(message, { remedy, output, cause } = {}) {
    super(message, { cause });
    this.remedy = remedy;
    this.output = output;
  }

  /** The tool's own words first, so that the last lines on the screen are the ones to act on. */
  toText() {
    const output = this.output?.trim();
    return [
      ...(output ? [output, ''] : []),
      `tocsin: ${this.message}`,
      ...(this.remedy ? [`  → ${this.remedy}`] : []),
    ].join('\n');
  }
}

/**
 * Does `work` under a line of its own: `installing packages … 6.2 s`. The line goes to stderr: stdout belongs to the command.
 *
 * @template T
 * @param {string} text
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(text, work) {
  const began = performance.now();
  let shown = false;
  const timer = setTimeout(() => {
    shown = true;
    stderr.write(`tocsin: ${text} … `);
  }, SILENT);
  try {
    const result = await work();
    if (shown) stderr.write(`${seconds(performance.now() - began)}\n`);
    return result;
  } catch (error) {
    if (shown) stderr.write('failed\n');
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** @param {number} milliseconds */
export function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
