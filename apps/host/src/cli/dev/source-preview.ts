import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Alert,
  exactJson,
  formatFault,
  type MediumName,
  media,
  type NotificationInput,
  type SourceIntegration,
} from '@tocsin/core';
import { type ExpectedSource, expectedText, lineDifference, runSourceCase, type SourceCase } from '@tocsin/testkit';
import { caseNames } from './case-names.ts';
import type { LocalTarget } from './local-targets.ts';
import type { AlertPreview, CasePreview, Telling, Trouble } from './preview.ts';
import { previewRequest } from './request-preview.ts';
import { type KnownLimit, RenderNotes, textIn } from './texts.ts';
import { troublesOf } from './trouble.ts';

/** Every example of a source: what it was read as, how that is told in every medium, and what each target would send. */
export async function previewSource(
  integration: SourceIntegration,
  targets: readonly LocalTarget[],
  command: string,
): Promise<CasePreview[]> {
  const names = caseNames(join(integration.folder, 'examples'));
  return Promise.all(names.map((name) => previewExample(integration, name, targets, command)));
}

async function previewExample(
  integration: SourceIntegration,
  name: string,
  targets: readonly LocalTarget[],
  command: string,
): Promise<CasePreview> {
  const { folder } = integration;
  const file = `examples/${name}.json`;
  const expectedFile = `examples/${name}.expected.json`;
  const payload = await textOf(folder, file);
  const written = await textOf(folder, expectedFile);
  const base: CasePreview = {
    name,
    payload,
    alerts: [],
    rejected: [],
    tellings: [],
    expected: { file: expectedFile, command },
    troubles: [],
    missing: [],
  };
  let given: Partial<ExpectedSource> = {};
  try {
    given = JSON.parse(written || '{}');
  } catch (error) {
    base.troubles.push(...troublesOf(error, folder, expectedFile));
  }
  const origin = originOf(given);
  try {
    const result = runSourceCase(integration, payload, exactJson(payload), given);
    const now = expectedText(integration, given, result);
    const notes = new RenderNotes(folder);
    const tellings = result.inputs.map((input) => tell(integration, input, result, targets, notes));
    return {
      ...base,
      ...(origin ? { origin } : {}),
      alerts: result.alerts.map(previewAlert),
      rejected: (result.expected.rejected ?? []).map(formatFault),
      tellings,
      expected: { ...base.expected, ...(written === now ? {} : { difference: lineDifference(written, now) }) },
      troubles: [...base.troubles, ...notes.troubles, ...faultsBeside(notes, result, file)],
      missing: notes.missing,
    };
  } catch (error) {
    return {
      ...base,
      ...(origin ? { origin } : {}),
      troubles: [...base.troubles, ...troublesOf(error, folder, file)],
    };
  }
}

function tell(
  { templates }: SourceIntegration,
  input: NotificationInput,
  { receivedAt: now, expected }: SourceCase,
  targets: readonly LocalTarget[],
  notes: RenderNotes,
): Telling {
  const { link, image } = expected.notifications.find(({ group }) => group === input.group.key) ?? {};
  const texts = (Object.keys(media) as MediumName[]).map(
    (
      medium, // the table is keyed by these
    ) => textIn(medium, input, templates, { now, notes, limits: limitsFor(medium, targets) }),
  );
  const requests = targets.map((target) => previewRequest(target, input, templates, { now, notes }));
  return { group: input.group.key, ...(link ? { link } : {}), ...(image ? { image } : {}), texts, requests };
}

/** The limits of the targets that are told in this medium. */
function limitsFor(medium: MediumName, targets: readonly LocalTarget[]): KnownLimit[] {
  return targets
    .filter((target) => target.medium === medium)
    .map(({ id, integration }) => ({ target: id, ...integration.definition.limits }));
}

/** What the suite finds wrong with the texts beyond what the templates said of themselves. */
function faultsBeside(notes: RenderNotes, { faults }: SourceCase, file: string): Trouble[] {
  return [...new Set(faults)].filter((fault) => !notes.told.has(fault)).map((message) => ({ where: file, message }));
}

function previewAlert(alert: Alert): AlertPreview {
  const { status, severity, fingerprint, group, labels, source, data, startedAt, at, expires, ...rest } = alert;
  const moments = { startedAt, at, expires };
  const facts = [
    ...Object.entries(moments).flatMap(([name, time]) =>
      time === undefined ? [] : [[name, new Date(time).toISOString()]],
    ),
    ...Object.entries(rest).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  ] as AlertPreview['facts']; // pairs of name and value
  return { status, severity, fingerprint, group, labels: Object.entries(labels), facts };
}

function originOf({ origin }: Partial<ExpectedSource>): CasePreview['origin'] {
  if (!origin) return undefined;
  const { kind, product, version, date, url } = origin;
  const text = [kind, [product, version].filter(Boolean).join(' '), date].filter(Boolean).join(' · ');
  return { text, ...(/^https?:/.test(url ?? '') ? { url } : {}) };
}

/** Empty where there is no such file. */
async function textOf(folder: string, file: string): Promise<string> {
  return readFile(join(folder, file), 'utf8').catch(() => '');
}
