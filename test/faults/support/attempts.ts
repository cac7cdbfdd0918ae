import type { Hub } from './hub.ts';

/** One attempt as the API shows it. */
export interface Attempt {
  target: string;
  group: string;
  startedAt: string;
  duration: number;
  outcome: string;
  reason: string | null;
  request: { headers: Record<string, string>; body: string } | null;
  response: { status: number; body: string } | null;
  error: string | null;
}

/** Those at a target so far, the oldest first. */
export async function attemptsAt(hub: Hub, target: string): Promise<Attempt[]> {
  const attempts = await hub.list<Attempt>(`attempts?target=${target}`);
  return attempts.sort((left, right) => left.startedAt.localeCompare(right.startedAt));
}

/** How a target's deliveries stand. */
export async function deliveriesTo(hub: Hub, target: string): Promise<{ state: string; dead: string | null }[]> {
  return hub.list(`deliveries?target=${target}`);
}
