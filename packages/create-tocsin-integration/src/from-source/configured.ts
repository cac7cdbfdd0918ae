import {
  type Alert,
  type Decisions,
  decided,
  decisionNames,
  layerOf,
  normalise,
  overlay,
  parseTemplate,
  type Severity,
  type SourceIntegration,
  type SourceTemplates,
  type TemplateText,
} from '@tocsin/core';

/** A source as an operator configured it, with requests that it took. */
export interface ConfiguredSource {
  id: string;
  integration: SourceIntegration;
  /** As the integration's schema gave them. */
  settings: unknown;
  /** Added to every alert. */
  labels: Record<string, string>;
  /** From the sender's word to ours. */
  severity: Record<string, Severity>;
  /** The operator's, those that decide among them. */
  templates: readonly TemplateText[];
  /** Names of templates that the hub still says in the words of a release before the one that is loaded. */
  recorded: readonly string[];
  /** The newest first. */
  requests: readonly StoredRequest[];
}

/** As the API gives it. */
export interface StoredRequest {
  id: number;
  receivedAt: string;
  path: string;
  contentType: string;
  /** Its first 16 KiB. */
  body: string;
}

/** What the source makes of a body; none of what it can't read. `isPlain`: without what the operator's config adds. */
export function readAlerts(source: ConfiguredSource, body: unknown, isPlain = false): Alert[] {
  const { integration, id, settings, labels, severity, templates } = source;
  const added = isPlain ? {} : { labels, severity };
  try {
    const options = { source: id, settings, receivedAt: farAhead, ...added };
    const { alerts, rejected } = normalise(integration.definition, body, requestOf(body), options);
    if (rejected.length > 0) return [];
    const decisions = isPlain ? {} : decisionsOf(templates);
    return alerts.map((alert) => decided(alert, decisions, { now: farAhead, onProblem: () => {} }));
  } catch {
    return [];
  }
}

/** The year 9999: later than what any clock says, so that no time is moved. */
export const farAhead = Date.UTC(9999, 0);

/** The words that the source says: the operator's over its package's. */
export function wordsOf({ integration, templates }: ConfiguredSource): SourceTemplates {
  return overlay(integration.templates, layerOf(templates));
}

export function requestOf(body: unknown) {
  const headers = { 'content-type': 'application/json' };
  return { method: 'POST', path: '', query: {}, headers, rawBody: JSON.stringify(body) };
}

function decisionsOf(templates: readonly TemplateText[]): Decisions {
  const found = decisionNames.flatMap((name) => {
    const text = templates.find((template) => template.name === name);
    return text ? [[name, parseTemplate(text.source, { file: text.file })]] : [];
  });
  return Object.fromEntries(found);
}
