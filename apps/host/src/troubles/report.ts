import type { SourceRequest } from '@tocsin/core';
import type { GroupStatus, Store } from '@tocsin/engine';
import { z } from 'zod';
import type { TroubleReport } from './book.ts';
import { explain, isTroubleKind, type Trouble, type TroubleKind } from './trouble.ts';

/** The reports as if they had been posted; undefined without any. */
export function reportRequest(reports: readonly TroubleReport[], url: string): SourceRequest | undefined {
  if (reports.length === 0) return undefined;
  const troubles = reports.map(({ kind, status, subject, since, at, count, closed, detail, group }) => {
    const { message, remedy } = explain({ kind, subject });
    return {
      kind,
      status,
      subject,
      since: new Date(since).toISOString(),
      at: new Date(at).toISOString(),
      count,
      message: detail === undefined ? message : `${message} ${detail}`,
      remedy,
      link: group === undefined ? undefined : `${url}/g/${group}`,
      closed,
    };
  });
  return {
    method: 'POST',
    path: '',
    query: {},
    headers: { 'content-type': 'application/json' },
    rawBody: JSON.stringify({ troubles }),
  };
}

/** What of a report the hub reads again after a restart. */
const told = z.looseObject({
  kind: z.custom<TroubleKind>(isTroubleKind),
  subject: z.string(),
  since: z.iso.datetime().transform((text) => Date.parse(text)),
  count: z.int().positive(),
});

const open: readonly GroupStatus[] = ['firing', 'acknowledged', 'silenced'];

/** The troubles that still fire in the store. */
export async function openTroubles({ query }: Pick<Store, 'query'>, source: string): Promise<Trouble[]> {
  // There is one group for each trouble, of one member: a page has room for all that a config can have.
  const pages = await Promise.all(open.map((status) => query.groups({ source, status }, { limit: 200 })));
  const groups = pages.flatMap(({ items }) => items);
  const members = await Promise.all(groups.map(({ id }) => query.members(id, { limit: 1 })));
  return members.flatMap(({ items: [member] }) => {
    const read = told.safeParse(member && parsed(member.data));
    return read.success ? [read.data] : [];
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
