import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exactJson, standardNotifications, standardNow, standardTemplates } from '@tocsin/core';
import { loadIntegration } from '@tocsin/core/load';
import { readyTarget, runSourceCase, runTargetCase } from '@tocsin/testkit';

/** What people would see of the example that fires: a source's message as plain text, a target's request. */
export async function previewOf(folder: string): Promise<string> {
  const integration = await loadIntegration(folder);
  if (integration.kind === 'target') {
    const target = await readyTarget(integration);
    return runTargetCase(target, standardNotifications.firing, standardTemplates, standardNow).text.trimEnd();
  }
  const rawBody = readFileSync(join(folder, 'examples/firing.json'), 'utf8');
  const given = JSON.parse(readFileSync(join(folder, 'examples/firing.expected.json'), 'utf8'));
  const { expected } = runSourceCase(integration, rawBody, exactJson(rawBody), given);
  return expected.notifications
    .map(({ link, texts }) => {
      const { headline, title, message } = texts.text as (typeof texts)[string]; // a medium of core
      return [`${headline}: ${title}`, '', ...message, ...(link ? ['', link] : [])].join('\n');
    })
    .join('\n\n');
}
