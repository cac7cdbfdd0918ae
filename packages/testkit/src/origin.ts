import { faultsOf } from './result.ts';

/**
 * Where an example is from. `captured`: sent by the real product; `documented`: as its vendor's page or source has it;
 * `constructed` is neither, and never counts as real.
 */
export interface Origin {
  kind: 'captured' | 'documented' | 'constructed';
  url: string;
  product: string;
  version?: string;
  /** `2026-11-21` */
  date: string;
}

export const originRemedy = 'Write where the example is from: {"kind", "url", "product", "version", "date"}.';

export function originFaults(origin: Partial<Origin> | undefined): string[] {
  if (!origin) return ['it has no origin'];
  const { kind = '', url = '', product = '', version = '', date = '' } = origin;
  return faultsOf([
    [/^(captured|documented|constructed)$/.test(kind), 'origin.kind is not captured, documented or constructed'],
    [/^https:\/\/\S+$/.test(url), 'origin.url is no https URL'],
    [product !== '', 'origin.product is missing'],
    [kind !== 'captured' || version !== '', 'origin.version is missing: what was captured came from a version'],
    [/^\d{4}-\d\d-\d\d$/.test(date) && !Number.isNaN(Date.parse(date)), 'origin.date is no date like 2026-01-15'],
  ]);
}
