/**
 * What can go wrong, by name. Callers branch on the code, people read the message.
 *
 * - `config`: the operator's file · `integration`: an installed package breaks the contract
 * - `payload`: a request that its source can't read · `template`: a template that doesn't parse or overran its budget
 * - `budget`: a function that was interrupted · `store`, `store-data`: the disk, or one row that can't be stored
 * - `egress`: a connection that was denied or failed · `not-found`: a name that names nothing
 */
export type ErrorCode =
  | 'config'
  | 'integration'
  | 'payload'
  | 'template'
  | 'budget'
  | 'store'
  | 'store-data'
  | 'egress'
  | 'not-found';

/** One fault inside something that has many: a key of the config, a field of a payload. */
export interface Fault {
  /** Where: `routes[0].match[1]`, `alerts[3].labels`; empty for the whole. */
  path: string;
  message: string;
  /** Position in a text file, both from 1. */
  file?: string;
  line?: number;
  column?: number;
}

export interface TocsinErrorOptions {
  /** Who says so: `source-acme`, `tocsin.yaml`, `store-sqlite`. */
  origin?: string;
  /** What to do about it, as an imperative sentence. */
  remedy?: string;
  faults?: Fault[];
  cause?: unknown;
}

/** The one error class. Its message says what happened, where and why; `remedy` says what to do. */
export class TocsinError extends Error {
  override readonly name = 'TocsinError';
  readonly code: ErrorCode;
  readonly origin: string | undefined;
  readonly remedy: string | undefined;
  readonly faults: Fault[];

  constructor(code: ErrorCode, message: string, options: TocsinErrorOptions = {}) {
    super(options.origin ? `${options.origin}: ${message}` : message, { cause: options.cause });
    this.code = code;
    this.origin = options.origin;
    this.remedy = options.remedy;
    this.faults = options.faults ?? [];
  }

  /** The message, every fault as `file:line:column: path: message`, and the remedy, each on a line. */
  toText(): string {
    const faults = this.faults.map((fault) => `  ${formatFault(fault)}`);
    return [this.message, ...faults, ...(this.remedy ? [`  → ${this.remedy}`] : [])].join('\n');
  }
}

/** `tocsin.yaml:12:5: routes[0]: message`; parts that aren't known are left out. */
export function formatFault(fault: Fault): string {
  const position = [fault.file, fault.line, fault.column].filter((part) => part !== undefined).join(':');
  return [position, fault.path, fault.message].filter((part) => part !== '').join(': ');
}
