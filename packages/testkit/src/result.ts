/** What one rule says about one file of an integration. */
export interface CheckResult {
  /** Inside the integration's folder: `examples/firing.expected.json`. */
  file: string;
  rule: Rule;
  ok: boolean;
  /** What holds, or what is wrong. */
  message: string;
  /** What to do about it; empty when it holds. */
  remedy: string;
}

/** What is checked, by name. */
export const rules = {
  package: 'package.json names what the host and npm need',
  definition: 'the package loads and its definition is complete',
  examples: 'there are the examples that every integration needs, each with its expected file',
  origin: 'an example says where it is from',
  alerts: 'the example becomes the alerts that its expected file holds',
  texts: 'the alerts are told in the words that the expected file holds, in every medium',
  identity: 'two things are never taken for one',
  batch: 'alerts that come together say what each says alone',
  pair: 'the firing and the resolved example are about the same things',
  replay: 'a repeated request changes nothing',
  templates: 'each template is used by an example',
  rendering: 'no template fails or shows what people must not see',
  lead: 'a message begins with what has which problem, how bad it is and how it stands; since when and a link follow',
  target: 'every target takes what the source says',
  request: 'the request is the one that the expected file holds',
  pure: 'the same notification gives the same request, and stays as it was',
  hostile: 'no text of a payload becomes markup, a mention, a header or a control',
  limits: 'what fits arrives whole, and what does not is cut between characters',
  network: 'nothing of it opens a connection: the host does',
  outcome: 'answers are understood',
  answers: "the vendor's own answers lead to what its page says",
  ref: 'the handle that an answer gives is used for what is told next',
  mutation: 'whatever becomes of a field that is read, the payload is refused with a reason or told in words',
  howto: '"How to connect" is a safe fragment with what an operator needs',
} as const;

export type Rule = keyof typeof rules;

/** Collects the results of the rules. */
export class Report {
  readonly results: CheckResult[] = [];

  /** The rule holds unless `faults` says otherwise. */
  add(file: string, rule: Rule, faults: readonly string[], remedy: string): void {
    const ok = faults.length === 0;
    this.results.push({ file, rule, ok, message: ok ? rules[rule] : faults.join('; '), remedy: ok ? '' : remedy });
  }

  /** Runs a check; what it throws is a fault. */
  async check(file: string, rule: Rule, remedy: string, faults: () => readonly string[] | Promise<readonly string[]>) {
    try {
      this.add(file, rule, await faults(), remedy);
    } catch (error) {
      this.add(file, rule, [messageOf(error)], remedy);
    }
  }
}

/** The sentences whose condition doesn't hold. */
export function faultsOf(conditions: readonly (readonly [holds: boolean, fault: string])[]): string[] {
  return conditions.filter(([holds]) => !holds).map(([, fault]) => fault);
}

const most = 5;

/** The first few of many, and how many more there are. */
export function firstOf(faults: readonly string[]): string[] {
  const rest = faults.length - most;
  return rest > 0 ? [...faults.slice(0, most), `and ${rest} more`] : [...faults];
}

export function messageOf(error: unknown): string {
  if (error instanceof Error)
    return 'toText' in error && typeof error.toText === 'function' ? error.toText() : error.message;
  return String(error);
}
