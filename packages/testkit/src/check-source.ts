import type { SourceIntegration } from '@tocsin/core';
import { batchFaults } from './batch.ts';
import { differences } from './difference.ts';
import { listFiles, parseJson, readText } from './files.ts';
import { hostileFaults, hostileRequestFaults } from './hostile.ts';
import { secondHostFaults, sharedFingerprints } from './identity.ts';
import { leadFaults } from './lead.ts';
import { Memory } from './memory.ts';
import { originFaults, originRemedy } from './origin.ts';
import { firstOf, messageOf, type Report } from './result.ts';
import { type ExpectedSource, runSourceCase, type SourceCase, templateNames } from './source-case.ts';
import { type ReadyTarget, runTargetCase } from './target-case.ts';

const update = 'If it is meant so, rewrite it with `tocsin test <id> --update` and read the difference.';

/** Runs every example of a source and compares what comes out. */
export async function checkSource(
  integration: SourceIntegration,
  targets: readonly ReadyTarget[],
  report: Report,
): Promise<void> {
  const cases = new Map<string, SourceCase>();
  const names = await checkExamples(integration, report);
  for (const name of names) {
    const file = `examples/${name}.json`;
    const expectedFile = `examples/${name}.expected.json`;
    try {
      const written = (await readText(integration.folder, expectedFile)) ?? '';
      // Whatever is not as it should be in there is found by the comparisons below.
      const expected = parseJson(written, expectedFile) as Partial<ExpectedSource>;
      const { origin, settings, notifications, ...alerts } = expected;
      report.add(expectedFile, 'origin', originFaults(origin), originRemedy);
      const text = (await readText(integration.folder, file)) ?? '';
      const result = runSourceCase(integration, text, parseJson(text, file), { origin, settings });
      cases.set(name, result);
      const { notifications: told, ...read } = result.expected;
      report.add(expectedFile, 'alerts', differences(alerts, read), update);
      report.add(expectedFile, 'texts', differences(notifications, told), update);
      report.add(
        file,
        'rendering',
        [...new Set(result.faults)],
        'Mend the template; `tocsin render` shows what it makes of a payload.',
      );
      report.add(
        file,
        'lead',
        firstOf(result.inputs.flatMap((input, index) => leadFaults(input, told[index] ?? { texts: {} }))),
        'Put the host or the thing into the title, or to the beginning of the message, and shorten what comes before.',
      );
      checkReplay(file, result, report);
      checkTargets(file, integration, result, targets, report);
      checkHostile(file, integration, result, targets, report);
    } catch (error) {
      report.add(file, 'alerts', [messageOf(error)], "Mend the example, or the source's functions and schema.");
    }
  }
  checkPair(cases, report);
  await checkIdentity(cases, report);
  checkBatch(cases, report);
  checkUse(integration, cases, report);
}

/** The names of the cases that have both files. */
async function checkExamples(integration: SourceIntegration, report: Report): Promise<string[]> {
  const files = (await listFiles(`${integration.folder}/examples`)).filter((name) => name.endsWith('.json'));
  const inputs = files.filter((name) => !name.endsWith('.expected.json')).map((name) => name.slice(0, -'.json'.length));
  const expected = files
    .filter((name) => name.endsWith('.expected.json'))
    .map((name) => name.slice(0, -'.expected.json'.length));
  const faults = [
    ...['firing', 'resolved'].filter((name) => !inputs.includes(name)).map((name) => `${name}.json is missing`),
    ...inputs.filter((name) => !expected.includes(name)).map((name) => `${name}.expected.json is missing`),
    ...expected.filter((name) => !inputs.includes(name)).map((name) => `${name}.expected.json has no ${name}.json`),
  ];
  report.add('examples', 'examples', faults, 'Add the file; `tocsin test <id> --update` writes expected files.');
  return inputs.filter((name) => expected.includes(name));
}

function checkReplay(file: string, { alerts, repeat, receivedAt }: SourceCase, report: Report): void {
  const memory = new Memory();
  memory.commit(alerts, receivedAt);
  const { events } = memory.commit(repeat(), receivedAt + 60_000);
  const faults = events.map(
    ({ kind, changed }) => `${kind} again: ${changed.map(({ fingerprint }) => fingerprint).join(', ')}`,
  );
  report.add(
    file,
    'replay',
    faults,
    'A fingerprint or a time changes from one request to the next; read one that stays.',
  );
}

function checkPair(cases: ReadonlyMap<string, SourceCase>, report: Report): void {
  const [firing, resolved] = [cases.get('firing'), cases.get('resolved')];
  if (!firing || !resolved) return;
  const memory = new Memory();
  memory.commit(firing.alerts, firing.receivedAt);
  const opened = memory.groups.filter(({ status }) => status === 'firing');
  memory.commit(resolved.alerts, Math.max(resolved.receivedAt, firing.receivedAt + 60_000));
  const open = memory.groups.filter(({ status }) => status !== 'resolved');
  const identities = ({ alerts }: SourceCase) =>
    alerts.map(({ fingerprint, group }) => `${fingerprint} in ${group}`).sort();
  const faults = [
    ...(opened.length === 0 ? ['firing.json opens no group'] : []),
    ...(open.length > 0 ? [`resolved.json leaves open: ${open.map(({ key }) => key).join(', ')}`] : []),
    ...differences(identities(firing), identities(resolved)),
  ];
  report.add(
    'examples/resolved.json',
    'pair',
    faults,
    'Take fingerprint and group from what is the same in both signals, or take two examples of one thing.',
  );
}

async function checkIdentity(cases: ReadonlyMap<string, SourceCase>, report: Report): Promise<void> {
  const firing = cases.get('firing');
  if (!firing) return;
  await report.check(
    'examples/firing.json',
    'identity',
    'Take into the fingerprint what tells one host, or one thing, from another.',
    () => [...sharedFingerprints(cases), ...secondHostFaults(firing)],
  );
}

function checkBatch(cases: ReadonlyMap<string, SourceCase>, report: Report): void {
  const [firing, resolved] = [cases.get('firing'), cases.get('resolved')];
  const faults = firing && resolved && batchFaults(firing, resolved);
  if (!faults) return;
  const remedy = 'Take status, severity and fingerprint from the alert, not from what stands around it.';
  report.add('examples/firing.json', 'batch', faults, remedy);
}

function checkUse(integration: SourceIntegration, cases: ReadonlyMap<string, SourceCase>, report: Report): void {
  const used = new Set([...cases.values()].flatMap((result) => [...result.used]));
  for (const name of templateNames(integration)) {
    const faults = used.has(name) ? [] : ['no example shows anything of it'];
    report.add(`templates/${name}`, 'templates', faults, 'Add an example that has what it shows, or remove it.');
  }
}

/** What a target makes of the source's texts. */
function checkTargets(
  file: string,
  { templates }: SourceIntegration,
  { inputs, receivedAt }: SourceCase,
  targets: readonly ReadyTarget[],
  report: Report,
): void {
  if (targets.length === 0) return;
  const faults = targets.flatMap((target) =>
    inputs.flatMap((input) => {
      const { faults } = runTargetCase(target, input, templates, receivedAt);
      return faults.map((fault) => `${target.integration.id}: ${fault}`);
    }),
  );
  report.add(file, 'target', faults, 'Mend the template that the text comes from, or the target.');
}

/** What becomes of hostile texts in the source's words, in every medium and through every target. */
function checkHostile(
  file: string,
  { templates }: SourceIntegration,
  { inputs, receivedAt }: SourceCase,
  targets: readonly ReadyTarget[],
  report: Report,
): void {
  const faults = inputs.flatMap((input) => [
    ...hostileFaults(input, templates, receivedAt),
    ...targets.flatMap((target) =>
      hostileRequestFaults(target, input, templates, receivedAt).map((fault) => `${target.integration.id}: ${fault}`),
    ),
  ]);
  const remedy = 'Let the medium write the text: use `title` and `message` as they are, and escape every other text.';
  report.add(file, 'hostile', firstOf(faults), remedy);
}
