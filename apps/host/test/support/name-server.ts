import { isIPv4, isIPv6 } from 'node:net';
import dns from 'dns2';

export interface NameServer {
  /** For `egress.resolver`. */
  address: string;
  /** The addresses of a name: in the first answer, in the second, … and then always those of the last. */
  name(name: string, ...answers: string[][]): void;
  /** How often a name was asked for. */
  asked(name: string): number;
  close(): Promise<void>;
}

/** A DNS server on this machine that knows no names but those that it is told. */
export async function startNameServer(): Promise<NameServer> {
  const names = new Map<string, string[][]>();
  const asked = new Map<string, number>();
  const { A, AAAA } = dns.Packet.TYPE;
  const server = dns.createServer({
    udp: true,
    handle: (request, send) => {
      const response = dns.Packet.createResponseFromRequest(request);
      for (const question of request.questions) {
        const { name, type } = question;
        const answers = names.get(name);
        if (!answers) response.header.rcode = dns.Packet.RCODE.NXDOMAIN;
        if (type === A) asked.set(name, (asked.get(name) ?? 0) + 1);
        const addresses = (type === A && answers && answers.length > 1 ? answers.shift() : answers?.[0]) ?? [];
        const family = type === A ? isIPv4 : type === AAAA ? isIPv6 : () => false;
        for (const address of addresses.filter(family)) {
          response.answers.push(dns.Packet.createResourceFromQuestion(question, { address, ttl: 0 }));
        }
      }
      send(response);
    },
  });
  const { udp } = await server.listen({ udp: { port: 0, address: '127.0.0.1' } });
  return {
    address: `127.0.0.1:${udp?.port}`,
    name: (name, ...answers) => void names.set(name, answers),
    asked: (name) => asked.get(name) ?? 0,
    close: () => server.close(),
  };
}
