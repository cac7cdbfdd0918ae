import {
  type Alert,
  type MediumName,
  mediumNames,
  normalise,
  renderNotification,
  type SourceIntegration,
  type SourceTemplates,
  TocsinError,
} from '@tocsin/core';
import { loadIntegration } from '@tocsin/core/load';
import { lineDifference, notificationsOf } from '@tocsin/testkit';
import { type ConfiguredSource, farAhead, readAlerts, requestOf, wordsOf } from './configured.ts';
import type { ReadRequest } from './samples.ts';

export interface Compared {
  /** Messages that were rendered both ways. */
  messages: number;
  same: number;
  /** Of the others one for each request; the source's own is before. */
  differences: { of: string; medium: MediumName; difference: string }[];
}

/** What the configured source says of the requests, beside what the package in the folder does. */
export async function compareWording(
  folder: string,
  source: ConfiguredSource,
  requests: readonly ReadRequest[],
): Promise<Compared> {
  const integration = await loadIntegration(folder);
  if (integration.kind !== 'source') throw new TocsinError('integration', `${folder} is no source`);
  const compared: Compared = { messages: 0, same: 0, differences: [] };
  for (const { name, body, receivedAt } of requests) {
    const now = Date.parse(receivedAt);
    const alerts = packageAlerts(integration, source, body);
    for (const medium of mediumNames) {
      const before = textsOf(readAlerts(source, body), wordsOf(source), medium, now);
      const after = textsOf(alerts, integration.templates, medium, now);
      compared.messages++;
      if (before === after) compared.same++;
      else if (!compared.differences.some(({ of }) => of === name)) {
        compared.differences.push({ of: name, medium, difference: lineDifference(before, after) });
      }
    }
  }
  return compared;
}

/** As the operator would configure the package: with the same labels, and the severities that it has already. */
function packageAlerts({ definition }: SourceIntegration, { id, labels }: ConfiguredSource, body: unknown): Alert[] {
  try {
    return normalise(definition, body, requestOf(body), { source: id, settings: {}, labels, receivedAt: farAhead })
      .alerts;
  } catch (error) {
    if (error instanceof TocsinError) return [];
    throw error;
  }
}

function textsOf(alerts: readonly Alert[], templates: SourceTemplates, medium: MediumName, now: number): string {
  const told = notificationsOf(alerts, now).map((input) => {
    const {
      headline,
      title,
      message,
      link = '',
      image = '',
    } = renderNotification(input, templates, { medium, limits: {} }, { now });
    return [headline, title, message, link, image].join('\n');
  });
  return `${told.join('\n\n')}\n`;
}
