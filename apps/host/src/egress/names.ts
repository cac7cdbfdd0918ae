import { promises as dns, Resolver } from 'node:dns';
import { promisify } from 'node:util';

/** Milliseconds that a DNS server gets, twice. */
const patience = 1_500;

/** Looks names up, at the DNS servers of the config or else as the system does. Remembers nothing. */
export class Names {
  readonly #ask: (name: string) => Promise<string[]>;
  /** Those that are being asked for: a name whose servers don't answer takes one of the system's few threads, not all. */
  readonly #asking = new Map<string, Promise<string[]>>();

  constructor(servers: readonly string[]) {
    this.#ask = servers.length > 0 ? askServers(servers) : askSystem;
  }

  /** Its addresses, at least one. */
  lookUp(name: string): Promise<string[]> {
    const asked = this.#asking.get(name);
    if (asked) return asked;
    const asking = this.#ask(name).finally(() => this.#asking.delete(name));
    this.#asking.set(name, asking);
    return asking;
  }
}

async function askSystem(name: string): Promise<string[]> {
  const found = await dns.lookup(name, { all: true });
  return found.map(({ address }) => address);
}

function askServers(servers: readonly string[]): (name: string) => Promise<string[]> {
  const resolver = new Resolver({ timeout: patience, tries: 2 });
  resolver.setServers(servers);
  const resolve4 = promisify<string, string[]>(resolver.resolve4.bind(resolver));
  const resolve6 = promisify<string, string[]>(resolver.resolve6.bind(resolver));
  return async (name) => {
    const answers = await Promise.allSettled([resolve4(name), resolve6(name)]);
    const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    if (addresses.length > 0) return addresses;
    throw (answers[0] as PromiseRejectedResult).reason; // an answer has an address, or it is none
  };
}
