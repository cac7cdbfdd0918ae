import type { Egress } from '../egress/egress.ts';
import type { IntegrationPool } from '../integrations/pool.ts';

/** Milliseconds that a name stays good, and that asking for it may take. */
const lifetime = 60 * 60_000;
const patience = 2_000;
/** People that are remembered. */
const most = 10_000;
const longestName = 100;

interface Tools {
  pool: Pick<IntegrationPool, 'run'>;
  egress: Pick<Egress, 'send'>;
}

export interface Someone {
  target: string;
  id: string;
  /** What the callback called them. */
  name: string;
  installation?: string;
}

/** The names that people are known by at a target, asked for once in a while. */
export class People {
  readonly #tools: Tools;
  readonly #names = new Map<string, { name: string; until: number }>();

  constructor(tools: Tools) {
    this.#tools = tools;
  }

  /** Where it can't be had, what the callback said, or the id. Never rejects. */
  async nameOf({ target, id, name, installation }: Someone): Promise<string> {
    const key = JSON.stringify([target, installation, id]);
    const known = this.#names.get(key);
    if (known && known.until > Date.now()) return known.name;
    const found = await this.#ask({ target, id, installation }).catch(() => undefined);
    const clean = (found ?? (name || id)).replace(/[\p{Cc}\p{Cf}]/gu, ' ').trim();
    const shown = clean.slice(0, longestName) || id;
    if (found === undefined) return shown;
    if (this.#names.size >= most) this.#names.clear();
    this.#names.set(key, { name: shown, until: Date.now() + lifetime });
    return shown;
  }

  async #ask(person: { target: string; id: string; installation: string | undefined }): Promise<string | undefined> {
    const { pool, egress } = this.#tools;
    const { request } = await pool.run<'person'>({ kind: 'person', ...person });
    if (!request) return undefined;
    const { response } = await egress.send(person.target, request, AbortSignal.timeout(patience), {
      workspace: person.installation,
    });
    if (!response) return undefined;
    const { name } = await pool.run<'person-name'>({ kind: 'person-name', target: person.target, response });
    return name ?? undefined;
  }
}
