import {
  exactJson,
  type Fault,
  media,
  normalise,
  renderNotification,
  type Source,
  type SourceIntegration,
  TocsinError,
} from '@tocsin/core';
import { loadIntegration } from '@tocsin/core/load';
import { listFiles, parseJson, readText } from './files.ts';
import { type Mutant, mutantsOf } from './mutants.ts';
import { notificationsOf } from './notification.ts';
import { type Path, Recorder } from './recorder.ts';
import { type CheckResult, messageOf, Report } from './result.ts';
import { type ExpectedSource, requestOf, runSourceCase } from './source-case.ts';
import { unreadableFaults } from './wording.ts';

/**
 * Changes every field that a source's schema, functions or templates read in its examples, one at a time: it is
 * missing, empty, of another type, of 100 kB, hostile. Each must be refused with a reason, or told in words that
 * people can read, in every medium. One result for each example; none for a target, which reads no payload.
 * Never throws.
 */
export async function mutateIntegration(folder: string): Promise<CheckResult[]> {
  const report = new Report();
  try {
    const integration = await loadIntegration(folder);
    if (integration.kind === 'source') await mutateExamples(integration, report);
  } catch (error) {
    report.add('src/index.ts', 'definition', [messageOf(error)], 'Mend it; the mutations need it.');
  }
  return report.results;
}

async function mutateExamples(integration: SourceIntegration, report: Report): Promise<void> {
  const examples = (await listFiles(`${integration.folder}/examples`)).filter((name) => name.endsWith('.json'));
  for (const name of examples.filter((name) => !name.endsWith('.expected.json'))) {
    const file = `examples/${name}`;
    await report.check(
      file,
      'mutation',
      'Let the schema refuse it, or the functions and templates do without it.',
      async () => {
        const text = (await readText(integration.folder, file)) ?? '';
        const expectedFile = file.replace(/\.json$/, '.expected.json');
        const written = (await readText(integration.folder, expectedFile)) ?? '{}';
        const { origin, settings } = parseJson(written, expectedFile) as Partial<ExpectedSource>;
        const body = parseJson(text, file);
        const { receivedAt } = runSourceCase(integration, text, body, { origin, settings });
        const example = new Example(integration, settings, receivedAt);
        return combined([...mutantsOf(body, example.reads(body))].map((mutant) => [mutant, example.faultsOf(mutant)]));
      },
    );
  }
}

/** One example's way through its source, for other bodies than its own. */
class Example {
  readonly #integration: SourceIntegration;
  readonly #settings: unknown;
  readonly #receivedAt: number;

  constructor(integration: SourceIntegration, settings: unknown, receivedAt: number) {
    const schema = integration.definition.settings;
    this.#integration = integration;
    this.#settings = schema ? schema.parse(settings ?? {}) : {};
    this.#receivedAt = receivedAt;
  }

  /** The body, and the fields of it that schema, functions and templates look at. */
  reads(body: unknown): Path[] {
    const recorder = new Recorder();
    const { definition } = this.#integration;
    // What the schema copied is watched again, for the functions and the templates.
    const payload = definition.payload.transform((parsed) => recorder.watch(parsed));
    this.#tell(recorder.watch(body), '', { ...definition, payload });
    return [[], ...recorder.paths];
  }

  /** What is wrong with how the changed body is refused or told. */
  faultsOf({ body, path }: Mutant): string[] {
    const rawBody = JSON.stringify(body);
    // Where the payload is the one alert, what is wrong with the alert is wrong with the whole.
    const hasPath = path.length > 0 && this.#integration.definition.alerts !== undefined;
    try {
      const { refusals, faults } = this.#tell(exactJson(rawBody), rawBody);
      return [...refusals.flatMap((refusal) => refusalFaults(refusal, hasPath)), ...faults];
    } catch (error) {
      if (!(error instanceof TocsinError) || error.code !== 'payload') return [`throws ${messageOf(error)}`];
      if (error.faults.length === 0) return ['is refused without a reason'];
      return error.faults.flatMap((fault) => refusalFaults(fault, hasPath));
    }
  }

  #tell(body: unknown, rawBody: string, definition: Source = this.#integration.definition) {
    const options = { source: this.#integration.id, settings: this.#settings, receivedAt: this.#receivedAt };
    const { alerts, rejected } = normalise(definition, body, requestOf(rawBody), options);
    const faults: string[] = [];
    for (const input of notificationsOf(alerts, this.#receivedAt)) {
      for (const medium of Object.keys(media) as (keyof typeof media)[]) {
        const onProblem = (problem: TocsinError) => faults.push(`${medium}: ${problem.toText()}`);
        const told = renderNotification(
          input,
          this.#integration.templates,
          { medium, limits: {} },
          { now: this.#receivedAt, onProblem },
        );
        faults.push(...unreadableFaults(told, rawBody, media[medium]).map((fault) => `${medium}: ${fault}`));
      }
    }
    return { refusals: rejected, faults };
  }
}

/** A person at the sender reads it: it says where, and not in the machine's own words. */
function refusalFaults({ path, message }: Fault, hasPath: boolean): string[] {
  if (path === '' && hasPath) return [`is refused without saying where: ${JSON.stringify(message)}`];
  const isMachines =
    /^Cannot |is not (a function|iterable|defined)|\bundefined\b|\[object |call stack|Invalid time value/.test(message);
  return isMachines ? [`is refused with ${JSON.stringify(message.slice(0, 120))}`] : [];
}

const most = 5;

/** A fault of many media and many mutants is one sentence. */
function combined(found: readonly (readonly [Mutant, readonly string[]])[]): string[] {
  const wrong = found.filter(([, faults]) => faults.length > 0);
  const shown = wrong.slice(0, most).map(([{ name }, [first, ...rest]]) => {
    return `${name}: ${first}${rest.length > 0 ? ` (and ${rest.length} more)` : ''}`;
  });
  const more = wrong.length - shown.length;
  return more > 0 ? [...shown, `and ${more} more of ${found.length} changes`] : shown;
}
