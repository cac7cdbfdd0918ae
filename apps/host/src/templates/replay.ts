import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Alert,
  type NotificationInput,
  type SourceIntegration,
  type SourceRequest,
  severities,
  TocsinError,
} from '@tocsin/core';
import {
  type Delivery,
  type Group,
  type GroupEvent,
  type Member,
  type MemberSnapshot,
  type Queries,
  snapshot,
  tellsChanged,
  unpackSignals,
} from '@tocsin/engine';
import { notificationsOf } from '@tocsin/testkit';
import { packInput } from '../deliver/input.ts';
import type { PackedInput } from '../integrations/jobs.ts';
import type { IntegrationPool } from '../integrations/pool.ts';

/** Something that came in, as a message about it would be made from. */
export interface Replay {
  /** What it is, for people: `group 10a1`, `example firing`. */
  of: string;
  source: string;
  input: PackedInput;
  /** Of the `to` entry by which the target was told, if it was. */
  wording: string | null;
  /** The target has a delivery of this very group. */
  isSubscribed: boolean;
}

/** Whom a group is replayed for; its mode says which alerts a message is about. */
export interface ReplayTarget {
  id: string;
  mode: Delivery['mode'];
}

/** The last thing that the target was, or would be, told of the group. Nothing where there is no such group. */
export async function replayGroup(
  query: Queries,
  id: string,
  target: ReplayTarget | null,
  url: string,
): Promise<Replay | undefined> {
  const group = await query.group(id);
  if (!group) return undefined;
  const { items: deliveries } = await query.deliveries({ group: id }, { limit: 200 });
  const delivery = deliveries.find((one) => one.target === target?.id);
  const event = await lastEvent(query, group, delivery);
  const mode = delivery?.mode ?? target?.mode ?? 'latest';
  const subscription = delivery?.subscription ?? target?.id ?? 'preview';
  const members = membersFor(group, event, mode, await membersOf(query, id));
  return {
    of: `group ${id}`,
    source: group.source,
    input: packInput(
      {
        delivery: {
          subscription,
          mode,
          address: delivery?.address ?? null,
          toldAt: null,
          ref: delivery?.ref ?? null,
          events: delivery?.events ?? [event.kind],
          posts: null,
        },
        group,
        event,
        since: [event],
        members,
      },
      url,
    ),
    wording: delivery?.wording ?? null,
    isSubscribed: delivery !== undefined,
  };
}

const looksBack = 50;

async function lastEvent(query: Queries, group: Group, delivery: Delivery | undefined): Promise<GroupEvent> {
  const after = String(Math.max(0, group.events - looksBack));
  const { items } = await query.events(group.id, { limit: looksBack, after });
  const told = items.filter(({ kind, quiet }) => !quiet && (delivery?.events.includes(kind) ?? true));
  const last = told.at(-1) ?? items.at(-1);
  if (last) return last;
  throw new TocsinError('store', `group ${group.id} has no event`);
}

/** Pages of members that are looked at: of larger groups these were the first, and the worst may be another. */
const mostPages = 5;

async function membersOf(query: Queries, id: string): Promise<Member[]> {
  const members: Member[] = [];
  let after: string | undefined;
  for (let page = 0; page < mostPages; page++) {
    const { items, next } = await query.members(id, { limit: 200, after });
    members.push(...items);
    if (next === null) break;
    after = next;
  }
  return members;
}

/** As the store hands them out with a delivery. */
function membersFor(
  group: Group,
  event: GroupEvent,
  mode: Delivery['mode'],
  members: readonly Member[],
): MemberSnapshot[] {
  if (tellsChanged(event, group, mode)) {
    const dataOf = (fingerprint: string) => members.find((one) => one.fingerprint === fingerprint)?.data ?? 'null';
    return event.changed.toReversed().map((one) => (one.data === '' ? { ...one, data: dataOf(one.fingerprint) } : one));
  }
  const status = group.status !== 'resolved' ? 'firing' : group.incarnation === 0 ? 'notice' : 'resolved';
  const weight = ({ severity }: Member) => severities.indexOf(severity);
  const byLead = (left: Member, right: Member) =>
    status === 'firing'
      ? weight(left) - weight(right) || left.firingSince - right.firingSince
      : (right.resolvedAt ?? 0) - (left.resolvedAt ?? 0) || weight(left) - weight(right);
  return members
    .filter((member) => member.status === status)
    .sort(byLead)
    .slice(0, 10)
    .map(snapshot);
}

/** What a stored request became, or becomes now: one for each group. Nothing where there is no such request. */
export async function replayRequest(
  query: Queries,
  pool: IntegrationPool,
  id: number,
  url: string,
): Promise<Replay[] | undefined> {
  const { items } = await query.requests({}, { limit: 1, after: String(id + 1) });
  const [stored] = items;
  if (stored?.id !== id) return undefined;
  const { source, path, body, contentType, receivedAt } = stored;
  return replayBody(pool, { of: `request ${id}`, source, path, body, contentType, receivedAt, url });
}

interface Body {
  of: string;
  source: string;
  path: string;
  body: string;
  contentType: string;
  receivedAt: number;
  url: string;
}

async function replayBody(pool: IntegrationPool, given: Body): Promise<Replay[]> {
  const { of, source, path, body, contentType, receivedAt, url } = given;
  const request: SourceRequest = {
    method: 'POST',
    path,
    query: {},
    headers: { 'content-type': contentType },
    rawBody: body,
  };
  const { signals } = await pool.run<'normalise'>({ kind: 'normalise', source, request, receivedAt });
  const alerts = unpackSignals(signals).flatMap((signal): Alert[] => {
    if (signal.kind !== 'alert') return [];
    const { kind: _, data, ...alert } = signal;
    return [{ ...alert, data: JSON.parse(data) as unknown }];
  });
  return notificationsOf(alerts, receivedAt).map((input) => ({
    of,
    source,
    input: packed({ ...input, group: { ...input.group, url: `${url}/g/${input.group.id}` } }),
    wording: null,
    isSubscribed: false,
  }));
}

function packed({ alert: _, alerts, ...input }: NotificationInput): PackedInput {
  return { ...input, alerts: alerts.map((alert) => ({ ...alert, data: JSON.stringify(alert.data) })) };
}

/** The examples of a source's package that this source, with its settings, can read. */
export async function replayExamples(
  pool: IntegrationPool,
  source: string,
  { folder }: SourceIntegration,
  { receivedAt, url }: { receivedAt: number; url: string },
): Promise<Replay[]> {
  const names = (await readdir(join(folder, 'examples')).catch(() => []))
    .filter((name) => name.endsWith('.json') && !name.endsWith('.expected.json'))
    .sort();
  const replays: Replay[] = [];
  for (const name of names) {
    const body = await readFile(join(folder, 'examples', name), 'utf8');
    const given = {
      of: `example ${name.slice(0, -'.json'.length)}`,
      source,
      path: '',
      body,
      contentType: 'application/json',
    };
    replays.push(...(await replayBody(pool, { ...given, receivedAt, url }).catch(() => [])));
  }
  return replays;
}
