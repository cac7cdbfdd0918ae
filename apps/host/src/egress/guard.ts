import { TocsinError } from '@tocsin/core';
import ipaddr from 'ipaddr.js';
import type { EgressRule } from '../config/egress-rule.ts';

/** Cloud machines' metadata services; a range never opens them, only their exact address does. */
const metadata = new Set(['169.254.169.254', '169.254.170.2', '100.100.100.200', '192.0.0.192', 'fd00:ec2::254']);

export interface GuardRules {
  allow: readonly EgressRule[];
  deny: readonly EgressRule[];
  /** Our own listeners: nobody makes us talk to ourselves. Port 0 never matches. */
  own: () => readonly { address: string; port: number }[];
}

/**
 * Whether the door opens towards an address. Public addresses are open; private, loopback, link-local, multicast and
 * reserved ones need a rule. A deny rule beats an allow rule.
 */
export class Guard {
  readonly #rules: GuardRules;

  constructor(rules: GuardRules) {
    this.#rules = rules;
  }

  /** Throws a TocsinError `egress` that names the address and what would open it. */
  check(address: string, port: number, hostname: string): void {
    const reason = this.#denied(address, port, hostname);
    if (!reason) return;
    const name = hostname === address ? address : `${hostname} (${address})`;
    throw new TocsinError('egress', `no connection to ${name}: ${reason}`, {
      remedy: `If the hub shall reach it, add it to the config: egress: { allow: ["${address}"] }`,
    });
  }

  #denied(text: string, port: number, hostname: string): string | undefined {
    const address = ipaddr.process(text);
    const plain = address.toString();
    const isLoopback = address.range() === 'loopback';
    for (const own of this.#rules.own()) {
      const hearsLoopback = own.address === '0.0.0.0' || own.address === '::' || own.address === 'localhost';
      if (own.port !== 0 && own.port === port && (own.address === plain || (isLoopback && hearsLoopback))) {
        return 'it is this hub itself';
      }
    }
    if (this.#rules.deny.some((rule) => matches(rule, address, hostname))) return 'a deny rule covers it';
    if (metadata.has(plain)) {
      const isExact = this.#rules.allow.some(
        (rule) => rule.kind === 'range' && /\/(32|128)$/.test(rule.range) && matches(rule, address, hostname),
      );
      return isExact ? undefined : 'it is a metadata service, which only its exact address opens';
    }
    if (this.#rules.allow.some((rule) => matches(rule, address, hostname))) return undefined;
    return address.range() === 'unicast' ? undefined : `its address is ${address.range()}, not public`;
  }
}

function matches(rule: EgressRule, address: ipaddr.IPv4 | ipaddr.IPv6, hostname: string): boolean {
  if (rule.kind === 'host') return rule.host === hostname.toLowerCase().replace(/\.$/, '');
  const [network, prefix] = ipaddr.parseCIDR(rule.range);
  return network.kind() === address.kind() && address.match(network, prefix);
}
