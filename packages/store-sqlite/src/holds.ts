import { TocsinError } from '@tocsin/core/base';
import {
  type Changes,
  type CompiledRules,
  compileSilences,
  type Delivery,
  type Holding,
  InhibitionIndex,
  type Member,
  mostSilences,
  routingLabels,
  type Silence,
  type Silencer,
} from '@tocsin/engine';
import type { Ledger } from './ledger.ts';
import { readSilence } from './rows.ts';

/** Milliseconds that a silence is kept after its end, for whoever asks why nobody was told. */
const silencesKept = 30 * 24 * 60 * 60_000;

/** What holds deliveries back: silences, the alerts that inhibit others, and the times at which a subscription is told. */
export class Holds {
  readonly #ledger: Ledger;
  readonly #silences: Map<string, Silence>;
  #silencer: Silencer;
  #rules: CompiledRules;
  #inhibition: InhibitionIndex;

  constructor(ledger: Ledger, rules: CompiledRules) {
    this.#ledger = ledger;
    this.#rules = rules;
    const silences = ledger.all('SELECT * FROM silences').map(readSilence);
    this.#silences = new Map(silences.map((silence) => [silence.id, silence]));
    this.#silencer = compileSilences(silences);
    this.#inhibition = this.#indexed();
  }

  setRules(rules: CompiledRules): void {
    this.#rules = rules;
    this.reload();
  }

  /** After a part of a transaction was taken back: which alerts fire is to be looked up. */
  reload(): void {
    this.#inhibition = this.#indexed();
  }

  /** What a decision changed, as soon as it is written. */
  note({ closed, members }: Changes): void {
    if (!this.#inhibits) return;
    for (const { group } of closed) this.#inhibition.close(group);
    for (const member of members) this.#add(this.#inhibition, member);
  }

  of(delivery: Delivery, now: number): Holding {
    return {
      clock: this.#rules.gate.holdAll(delivery.times, now),
      muters: [this.#silencer, this.#inhibition],
      firing: () => this.#ledger.firingOf(delivery.group),
    };
  }

  /** Writes a silence, inside the present transaction; `take` follows once that is durable. */
  write(silence: Silence, now: number): void {
    const { id, matchers, startsAt, endsAt, comment, author } = silence;
    const others = 'SELECT count(*) AS count FROM silences WHERE ends_at > ? AND id <> ?';
    if (endsAt > now && Number(this.#ledger.all(others, now, id)[0]?.count) >= mostSilences) {
      throw new TocsinError('store-data', `there are ${mostSilences} silences already`, { origin: 'store-sqlite' });
    }
    this.#ledger.run(upsertSilence, id, JSON.stringify(matchers), startsAt, endsAt, comment, author);
    this.#ledger.run('DELETE FROM silences WHERE ends_at < ?', now - silencesKept);
    // What another end or other matchers free is not known by name.
    this.#ledger.lookAgain(now);
  }

  take(silence: Silence, now: number): void {
    this.#silences.set(silence.id, silence);
    for (const { id, endsAt } of this.#silences.values()) if (endsAt < now - silencesKept) this.#silences.delete(id);
    this.#silencer = compileSilences([...this.#silences.values()]);
  }

  get #inhibits(): boolean {
    return (this.#rules.rules.inhibit?.length ?? 0) > 0;
  }

  /** The firing members that inhibit others by the present rules. */
  #indexed(): InhibitionIndex {
    const index = new InhibitionIndex(this.#rules.inhibition);
    if (this.#inhibits) for (const member of this.#ledger.firing()) this.#add(index, member);
    return index;
  }

  #add(index: InhibitionIndex, member: Member): void {
    const group = this.#ledger.group(member.group);
    if (group) index.update(member, routingLabels(group, member));
  }
}

const upsertSilence = `INSERT INTO silences (id, seq, matchers, starts_at, ends_at, comment, author)
  VALUES (?, (SELECT coalesce(max(seq), 0) + 1 FROM silences), ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET matchers = excluded.matchers, starts_at = excluded.starts_at,
    ends_at = excluded.ends_at, comment = excluded.comment, author = excluded.author`;
