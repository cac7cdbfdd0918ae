import type { Callback, PersonAction } from '@tocsin/core';
import type { ActionSignal, Group, Outcome, StoredRecord } from '@tocsin/engine';
import { act, alert } from '@tocsin/engine/testing';
import { type Asked, PressDesk } from '../../apps/host/test/support/presses.ts';
import { type Claim, Postman } from '../../packages/engine/test/support/postman.ts';
import { edgesOf } from './edges.ts';
import { type Held, Model, type ModelPress } from './model.ts';
import { rest, Turns } from './turns.ts';
import { Wall } from './wall.ts';

/** A delivery on its way to its channel. */
interface Letter extends Claim {
  group: Group;
  /** The message that it became; none before it was sent. */
  ref?: string;
}

type Presses = Extract<Callback, { kind: 'presses' }>;

/** A callback as it reached the hub, to be sent once more. */
interface Sent {
  id: string;
  callback: Presses;
  /** What its button was about. */
  held: Held;
  at: number;
}

/** One rule that is broken on purpose. */
export type Break =
  | 'callbacks that come again are new'
  | 'no button is too old'
  | 'a press is done again after a crash'
  | 'references of messages get lost'
  | 'claims outlast their process'
  | 'only one channel is told of acknowledgements';

const people = ['ann', 'ben', 'carla'] as const;
const channels = ['C1', 'C2'] as const;
const minute = 60_000;
/** Signatures hold for so long, and callbacks with them. */
const signatureHolds = 5 * minute;
const unclaimed = Number.MAX_SAFE_INTEGER;

/**
 * A hub's own parts with two channels and three people around them, and the model beside it: engine, planner and desk of
 * presses as they are, a store without a disk, a target that keeps what it is told, and no clock, network or thread.
 */
export class World {
  readonly model = new Model();
  readonly seen = new Set<string>();
  readonly differences: string[] = [];
  readonly #postman: Postman;
  readonly #records = new Map<string, StoredRecord>();
  readonly #turns = new Turns();
  readonly #wall = new Wall(() => this.now);
  readonly #sent: Sent[] = [];
  readonly #broken: Break | undefined;
  #letters: Letter[] = [];
  #desk!: PressDesk;
  /** Presses that are on their way, and those that were written down, by the callback's id; when they came. */
  readonly #coming = new Map<string, { press: ModelPress; at: number }>();
  readonly #taken = new Map<string, { press: ModelPress; at: number }>();
  readonly #performed = new Set<string>();
  /** Messages that were posted just before a crash. */
  #orphans = 0;
  #kills = 0;

  private constructor(interval: string, broken: Break | undefined) {
    this.#broken = broken;
    this.#postman = new Postman({ edits: true, addresses: channels, interval });
  }

  static async open(interval = '0s', broken?: Break): Promise<World> {
    const world = new World(interval, broken);
    await world.#start();
    return world;
  }

  get now(): number {
    return this.#postman.scenario.now;
  }

  get kills(): number {
    return this.#kills;
  }

  /** So many milliseconds pass; silences end in their time, and nothing that waits for its turn waits for minutes. */
  async later(milliseconds: number): Promise<void> {
    while (milliseconds > minute && this.#turns.length > 0) await this.turn(0);
    this.#pass(milliseconds);
  }

  fire(fingerprint: string): void {
    this.#postman.scenario.send(alert(fingerprint));
    this.model.fire(fingerprint, this.now);
  }

  recover(fingerprint: string): void {
    this.#postman.scenario.send(alert(fingerprint, { status: 'resolved' }));
    this.model.recover(fingerprint, this.now);
  }

  /** Somebody presses in a message as it once looked; counted from the newest. */
  async press(who: number, which: number, age: number, action: PersonAction, minutes: number): Promise<void> {
    const found = this.#wall.look(which, age);
    if (found?.handle === undefined) return;
    const name = people[who % people.length] as string;
    const callback: Presses = {
      kind: 'presses',
      presses: [{ handle: found.handle, action, ...(action === 'silence' ? { minutes } : {}) }],
      person: { id: name, name },
      replyTo: name,
    };
    const sent = { id: `callback ${this.#sent.length}`, callback, held: found.held, at: this.now };
    this.#sent.push(sent);
    await this.#deliver(sent);
  }

  /** A callback comes once more, as long as its signature holds. */
  async replay(which: number): Promise<void> {
    const sent = this.#sent.at(-1 - (which % Math.max(1, this.#sent.length)));
    if (!sent || this.now - sent.at > signatureHolds) return;
    this.seen.add('a callback again');
    await this.#deliver(sent);
  }

  /** Something that the desk waits for happens. */
  async turn(which: number): Promise<void> {
    await this.#turns.take(which);
  }

  /** Whatever waits happens, up to the next press that is done. */
  async hurry(): Promise<void> {
    for (;;) {
      const turn = await this.#turns.take(0);
      if (turn === undefined || turn.what === 'commit') return;
    }
  }

  claim(): void {
    this.#wake();
    for (const claim of this.#postman.claim(unclaimed)) this.#letters.push({ ...claim, group: this.#group(claim) });
  }

  /** A letter is sent: it becomes a message, or edits the one that there is. */
  send(which: number): void {
    const unsent = this.#letters.filter(({ ref }) => ref === undefined);
    const letter = unsent[which % Math.max(1, unsent.length)];
    if (letter) letter.ref = this.#tell(letter);
  }

  /** The outcome of a letter that was sent is written down. */
  settle(which: number): void {
    const sent = this.#letters.filter(({ ref }) => ref !== undefined);
    const letter = sent[which % Math.max(1, sent.length)];
    if (!letter?.ref) return;
    this.#letters.splice(this.#letters.indexOf(letter), 1);
    const ref = this.#broken === 'references of messages get lost' ? {} : { ref: letter.ref };
    this.#postman.settle(letter, { outcome: 'delivered', ...ref });
  }

  /** Ended by its operator, and started again. */
  async restart(): Promise<void> {
    for (const letter of this.#letters.filter(({ ref }) => ref === undefined))
      this.#postman.settle(letter, { outcome: 'released' });
    this.#letters = this.#letters.filter(({ ref }) => ref !== undefined);
    while (this.#letters.length > 0) this.settle(0);
    const stopped = this.#desk.stop();
    while (this.#turns.length > 0) await this.turn(0);
    await stopped;
    await this.#start();
  }

  /** kill -9: what was not written never is. It is started again after so many milliseconds. */
  async kill(pause: number): Promise<void> {
    this.#kills++;
    for (const { ref, delivery } of this.#letters) {
      if (ref === undefined || delivery.ref !== null) continue;
      this.#orphans++;
      this.seen.add('a message that nobody wrote down');
    }
    this.#letters = [];
    this.#turns.forget();
    this.#coming.clear();
    this.#pass(pause);
    await this.#start();
  }

  /** Everything that can happen now happens; what differs from the model then is kept. */
  async calm(): Promise<void> {
    for (let rounds = 0; rounds < 100; rounds++) {
      while (this.#turns.length > 0) await this.turn(0);
      this.claim();
      if (this.#letters.length === 0) break;
      while (this.#letters.some(({ ref }) => ref === undefined)) this.send(0);
      while (this.#letters.length > 0) this.settle(0);
    }
    this.#compare();
  }

  /** Everything that is owed is told, however long that takes. */
  async end(): Promise<void> {
    await this.calm();
    for (let rounds = 0; rounds < 20 && this.#postman.next <= this.now + 100 * minute; rounds++) {
      await this.later(Math.max(0, this.#postman.next - this.now));
      await this.calm();
    }
  }

  /** What a hub does when it starts. */
  async #start(): Promise<void> {
    const { state } = this.#postman.scenario;
    if (this.#broken !== 'claims outlast their process') {
      for (const delivery of this.#postman.deliveries)
        if (delivery.leaseUntil !== null) state.putDelivery({ ...delivery, leaseUntil: null });
    }
    for (const [id, { at }] of this.#taken) {
      // Nobody waits for it any more.
      if (this.#performed.has(id) || at + minute > this.now) continue;
      this.#taken.delete(id);
      this.seen.add('a press that waited for too long');
    }
    const told = /resolved already|fired again|restarted/;
    const edges = edgesOf({
      turns: this.#turns,
      state,
      records: this.#records,
      put: (record) => this.#put(record),
      commit: (signal) => this.#commit(signal),
      onReply: (text) => void this.seen.add(`told that ${told.exec(text)?.[0] ?? text}`),
      onError: (what) => this.#differ(JSON.stringify(what)),
    });
    const isAnyIncarnationGood = this.#broken === 'no button is too old';
    const now = () => this.now;
    this.#desk = await PressDesk.open({ ...edges, handles: this.#wall.handles, isAnyIncarnationGood, now });
    await rest();
  }

  async #deliver({ id, callback, held }: Sent): Promise<void> {
    const given = this.#broken === 'callbacks that come again are new' ? `${id} at ${this.now}` : id;
    const { action, minutes } = callback.presses[0] as Presses['presses'][0]; // each has one
    const until = minutes === undefined ? {} : { until: this.now + minutes * minute };
    // One that is on its way already is the one that counts.
    if (!this.#coming.has(`${id}-0`)) {
      const press = { held, action, actor: callback.person.name, ...until };
      this.#coming.set(`${id}-0`, { press, at: this.now });
    }
    void this.#desk.press('chat', callback, given);
    await rest();
  }

  #put(record: Omit<StoredRecord, 'writtenAt'>): number {
    const coming = this.#coming.get(record.id);
    const { isDone }: Asked = JSON.parse(record.value); // the desk writes no others
    if (!isDone) this.#coming.delete(record.id);
    if (coming && !isDone) this.#taken.set(record.id, coming);
    this.#records.set(record.id, { ...record, writtenAt: this.now });
    return this.now;
  }

  #commit(signal: ActionSignal): Outcome {
    const { id = '', ...rest } = signal;
    const isDoneAgain = this.#broken === 'a press is done again after a crash';
    const [outcome] = this.#postman.scenario.send(isDoneAgain ? rest : signal);
    const taken = this.#performed.has(id) ? undefined : this.#taken.get(id);
    if (this.#performed.has(id)) this.seen.add('a press that was done already');
    this.#performed.add(id);
    const isDone = taken !== undefined && this.model.press(taken.press, this.now);
    if (isDone !== (outcome?.result === 'grouped')) this.#differ(`${id} ${JSON.stringify(outcome)}, not ${isDone}`);
    if (outcome && 'reason' in outcome) this.seen.add(`refused by the store: ${outcome.reason}`);
    return outcome as Outcome; // one for each signal
  }

  #pass(milliseconds: number): void {
    this.#postman.scenario.now += milliseconds;
    this.#wake();
  }

  #wake(): void {
    for (const { id, silencedUntil } of this.#postman.scenario.state.groups.values())
      if (silencedUntil !== null && silencedUntil <= this.now)
        this.#postman.scenario.send(act(id, 'unsilence', { actor: 'tocsin' }));
    this.model.wake(this.now);
  }

  #group({ delivery }: Claim): Group {
    return this.#postman.scenario.state.group(delivery.group) as Group; // what is owed is owed of one
  }

  #tell({ delivery, group }: Letter): string {
    const { ref, address } = delivery;
    const isKept = this.#broken === 'only one channel is told of acknowledgements' && address === 'C2';
    if (ref !== null && isKept && group.status === 'acknowledged') return ref;
    return this.#wall.tell(ref, `${address}`, group);
  }

  #compare(): void {
    const { state } = this.#postman.scenario;
    const groups = [...state.groups.keys()];
    this.#same('groups', `${groups.length}`, `${this.model.episodes.length}`);
    for (const [index, { log }] of this.model.episodes.entries()) {
      const id = groups[index] ?? '';
      const events = state.eventsAfter(id, 0).filter(({ kind }) => kind !== 'updated');
      this.#same(`log of ${id}`, events.map(entryOf).join(', '), log.join(', '));
      const deliveries = state.deliveries(id);
      this.#same(`channels that are told of ${id}`, `${deliveries.length}`, `${channels.length}`);
      // What is still to come is compared later.
      for (const { address } of deliveries.filter(({ due }) => due === null || due <= this.now))
        this.#same(`${address} about ${id}`, this.#wall.last(address, id), this.model.textOf(index + 1));
    }
    if (this.#wall.size > groups.length * channels.length + this.#orphans)
      this.#differ(`${this.#wall.size} messages of ${groups.length} groups, and ${this.#orphans} that were lost`);
    for (const [id, { press }] of this.#taken)
      if (!this.#performed.has(id) && !this.model.isOver(press.held)) this.#differ(`${id} was never done`);
  }

  #same(what: string, actual: string | undefined, expected: string): void {
    if (actual !== expected) this.#differ(`${what}: ${actual}, not ${expected}`);
  }

  #differ(difference: string): void {
    this.differences.push(difference);
  }
}

function entryOf({ kind, actor }: { kind: string; actor: string | null }): string {
  return actor === null ? kind : `${kind} by ${actor}`;
}
