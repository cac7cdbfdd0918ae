import { sourceKey } from './hub.ts';

/** One source `any` that takes `id`, `title`, `status` and `labels`, and webhooks by their ids, each told what `to` names. */
export function webhooks(urls: Readonly<Record<string, string>>, more: object = {}): object {
  return {
    integrations: ['@tocsin/source-webhook', '@tocsin/target-webhook'],
    sources: [anySource],
    targets: Object.entries(urls).map(([id, url]) => ({ id, use: 'webhook', settings: { url, body: 'notification' } })),
    routes: Object.keys(urls).map((id) => ({ match: `to="${id}"`, to: [id] })),
    ...more,
  };
}

export const anySource = { id: 'any', use: 'webhook', key: sourceKey, settings: { key: 'id', fingerprint: 'id' } };

/** What such a source is posted. */
export function alertFor(to: string, id: string, status = 'firing') {
  return { id, status, title: `Disk of ${id} is full`, severity: 'critical', labels: { to } };
}

/** The value below which this part of them lies, such as 0.99. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)] ?? 0;
}
