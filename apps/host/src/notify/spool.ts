import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';

/** A notification that is kept: `<when>-<which>.json`, with `.<when>.sending` after it while a process sends it. */
export interface Kept {
  /** Sorts as they were kept. */
  name: string;
  file: string;
  /** While a process sends it, or is dead since. */
  isClaimed: boolean;
}

const mostKept = 1_000;

/** How many that the hub refused are left for a person to look at. */
const mostRefused = 100;

/** A process that claimed one longer ago is gone: none takes more than five seconds. In milliseconds. */
const claimLasts = 15_000;

/** Notifications on disk, each a file that is there whole or not at all; of several processes one sends it. */
export class Spool {
  readonly #folder: string;

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#folder = folder;
  }

  /** Keeps it, so that a power cut doesn't lose it, claimed by this process. */
  keep(body: string): Kept {
    if (this.kept().length >= mostKept) {
      throw new Error(`${mostKept} wait in ${this.#folder} already: see why the hub doesn't take them`);
    }
    const name = `${String(Date.now()).padStart(15, '0')}-${process.pid}-${Math.random().toString(36).slice(2)}.json`;
    const draft = `${this.#folder}/.${name}`;
    const descriptor = openSync(draft, 'wx', 0o600);
    try {
      writeFileSync(descriptor, body);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    const file = `${this.#folder}/${claimOf(name)}`;
    renameSync(draft, file);
    this.#sync();
    return { name, file, isClaimed: true };
  }

  /** What waits, the oldest first. */
  kept(): Kept[] {
    const all = readdirSync(this.#folder).map((entry) => /^(\d+-[^.]+\.json)(?:\.(\d+)\.sending)?$/.exec(entry));
    return all
      .filter((match) => match !== null)
      .map(([entry, name = '', claimedAt]) => ({
        name,
        file: `${this.#folder}/${entry}`,
        isClaimed: claimedAt !== undefined && Date.now() - Number(claimedAt) < claimLasts,
      }))
      .sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  /** Of several processes that try, one succeeds: a rename is done once. */
  claim({ name, file }: Kept): Kept | undefined {
    const claimed = `${this.#folder}/${claimOf(name)}`;
    return moved(file, claimed) ? { name, file: claimed, isClaimed: true } : undefined;
  }

  read({ file }: Kept): string {
    return readFileSync(file, 'utf8');
  }

  release({ name, file }: Kept): void {
    moved(file, `${this.#folder}/${name}`);
  }

  /** Also when another process took it since, because this one seemed dead: then that one sends it again. */
  remove({ file }: Kept): void {
    rmSync(file, { force: true });
  }

  /** Where a person finds it, and it holds nothing up. */
  refuse({ name, file }: Kept): string {
    const refused = `${this.#folder}/${name}.refused`;
    moved(file, refused);
    const all = readdirSync(this.#folder).filter((entry) => entry.endsWith('.refused'));
    for (const oldest of all.sort().slice(0, -mostRefused)) rmSync(`${this.#folder}/${oldest}`, { force: true });
    return refused;
  }

  #sync(): void {
    const folder = openSync(this.#folder, 'r');
    fsyncSync(folder);
    closeSync(folder);
  }
}

function claimOf(name: string): string {
  return `${name}.${Date.now()}.sending`;
}

/** Whether it was still there to be moved. */
function moved(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false; // what node:fs throws
    throw error;
  }
}
