import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { standardNotifications, standardNow, standardTemplates, type TargetIntegration } from '@tocsin/core';
import { lineDifference, readyTarget } from '@tocsin/testkit';
import { type LocalTarget, mediumFor } from './local-targets.ts';
import type { CasePreview } from './preview.ts';
import { previewRequest } from './request-preview.ts';
import { RenderNotes, textIn } from './texts.ts';

/** Every standard notification: how the target's medium tells it and the exact request. Throws without settings. */
export async function previewTarget(integration: TargetIntegration, command: string): Promise<CasePreview[]> {
  const ready = await readyTarget(integration);
  const target: LocalTarget = { ...ready, id: integration.id, medium: mediumFor(ready) };
  const names = Object.keys(standardNotifications) as (keyof typeof standardNotifications)[]; // its own keys
  return Promise.all(names.map((name) => previewStandard(target, name, command)));
}

async function previewStandard(
  target: LocalTarget,
  name: keyof typeof standardNotifications,
  command: string,
): Promise<CasePreview> {
  const { id, medium, integration } = target;
  const { folder, definition } = integration;
  const input = standardNotifications[name];
  // Core's own templates are read by nobody here; what they lack is no news.
  const notes = new RenderNotes(folder);
  const options = { now: standardNow, notes };
  const limits = [{ target: id, ...definition.limits }];
  const text = textIn(medium, input, standardTemplates, { ...options, limits });
  const request = previewRequest(target, input, standardTemplates, options);
  const file = `examples/${name}.expected.http`;
  const expected = await readFile(join(folder, file), 'utf8').catch(() => '');
  const difference = expected === request.text ? {} : { difference: lineDifference(expected, request.text) };
  return {
    name,
    alerts: [],
    rejected: [],
    tellings: [{ group: input.group.key, texts: [text], requests: [request] }],
    expected: { file, command, ...difference },
    troubles: notes.troubles,
    missing: [],
  };
}
