import { type Alert, wellFormedJson } from '@tocsin/core';
import {
  type Changes,
  compileRules,
  type Delivery,
  decide,
  type Group,
  type Member,
  noUsage,
  type State,
  type Usage,
} from '@tocsin/engine';

const rules = compileRules({ version: 'example', routes: [], targets: {}, sources: {} });

/** What a host would know after some requests, without a disk. */
export class Memory implements State {
  readonly #groups = new Map<string, Group>();
  readonly #newest = new Map<string, string>();
  readonly #members = new Map<string, Member>();
  readonly #inGroup = new Map<string, Member>();
  readonly #seen = new Set<string>();

  /** Takes a request's alerts and says what they changed. */
  commit(alerts: readonly Alert[], now: number): Changes {
    const signals = alerts.map((alert) => ({ ...alert, kind: 'alert' as const, data: wellFormedJson(alert.data) }));
    const { changes } = decide(this, signals, rules, { now, newId: () => `group-${this.#groups.size + 1}` });
    for (const group of changes.groups) {
      if (!this.#groups.has(group.id)) this.#newest.set(`${group.source}\n${group.key}`, group.id);
      this.#groups.set(group.id, group);
    }
    for (const member of changes.members) {
      this.#members.set(`${member.source}\n${member.fingerprint}`, member);
      this.#inGroup.set(`${member.group}\n${member.fingerprint}`, member);
    }
    for (const { source, deliveryId } of changes.seen) this.#seen.add(`${source}\n${deliveryId}`);
    return changes;
  }

  get groups(): Group[] {
    return [...this.#groups.values()];
  }

  member(source: string, fingerprint: string): Member | undefined {
    return this.#members.get(`${source}\n${fingerprint}`);
  }

  memberIn(group: string, fingerprint: string): Member | undefined {
    return this.#inGroup.get(`${group}\n${fingerprint}`);
  }

  newestGroup(source: string, key: string): Group | undefined {
    return this.group(this.#newest.get(`${source}\n${key}`) ?? '');
  }

  group(id: string): Group | undefined {
    return this.#groups.get(id);
  }

  /** An example never has so much. */
  usage(): Usage {
    return noUsage;
  }

  deliveries(): readonly Delivery[] {
    return [];
  }

  lastEvent(): undefined {}

  timer(): undefined {}

  countEvents(): number {
    return 0;
  }

  seen(source: string, deliveryId: string): boolean {
    return this.#seen.has(`${source}\n${deliveryId}`);
  }
}
