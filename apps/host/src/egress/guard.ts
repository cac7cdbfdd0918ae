import { TocsinError } from '@tocsin/core';
import ipaddr from 'ipaddr.js';
import type { EgressRule } from '../config/egress-rule.ts';

/** Cloud machines' metadata services; a range never opens them, only their exact address does. */
const metadata = new Set(['169.254.169.254', '169.254.170.2', '100.100.100.200', '192.0.0.192', 'fd00:ec2::254']);

/** An IPv4 address in an IPv6 one's clothes, of old. https://www.rfc-editor.org/rfc/rfc4291#section-2.5.5.1 */
const ipv4Compatible: EgressRule = { kind: 'range', range: '::/96' };

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

  /** Throws a TocsinError `egress` that names the address, the rule, and what would open it. */
  check(address: string, port: number, hostname: string): void {
    const denial = this.#denial(address, port, hostname);
    if (!denial) return;
    const name = hostname === address ? address : `${hostname} (${address})`;
    throw new TocsinError('egress', `no connection to ${name}: ${denial.reason}`, { remedy: denial.remedy });
  }

  #denial(text: string, port: number, hostname: string): { reason: string; remedy: string } | undefined {
    const address = ipaddr.process(text);
    const plain = address.toString();
    if (this.#isOwn(address, port)) {
      return { reason: 'it is this hub itself', remedy: 'Correct the address in the settings of this target.' };
    }
    const deny = this.#rules.deny.find((rule) => matches(rule, address, hostname));
    if (deny) {
      const entry = deny.kind === 'host' ? deny.host : deny.range;
      return { reason: `\`egress.deny\` has ${entry}`, remedy: 'If the hub shall reach it, take it out there.' };
    }
    const allow = this.#rules.allow.filter((rule) => matches(rule, address, hostname));
    if (metadata.has(plain)) {
      if (allow.some((rule) => rule.kind === 'range' && /\/(32|128)$/.test(rule.range))) return undefined;
      return { reason: 'it is a metadata service, which only its exact address opens', remedy: opening(plain) };
    }
    const range = matches(ipv4Compatible, address, hostname) ? 'IPv4-compatible' : address.range();
    if (allow.length > 0 || range === 'unicast') return undefined;
    return { reason: `its address is ${range}, not public`, remedy: opening(plain) };
  }

  #isOwn(address: ipaddr.IPv4 | ipaddr.IPv6, port: number): boolean {
    const isLoopback = address.range() === 'loopback';
    return this.#rules.own().some((own) => {
      if (own.port === 0 || own.port !== port) return false;
      const hearsLoopback = own.address === '0.0.0.0' || own.address === '::' || own.address === 'localhost';
      return own.address === address.toString() || (isLoopback && hearsLoopback);
    });
  }
}

function opening(address: string): string {
  return `If the hub shall reach it, add it to the config: egress: { allow: ["${address}"] }`;
}

function matches(rule: EgressRule, address: ipaddr.IPv4 | ipaddr.IPv6, hostname: string): boolean {
  if (rule.kind === 'host') return rule.host === hostname.toLowerCase().replace(/\.$/, '');
  const [network, prefix] = ipaddr.parseCIDR(rule.range);
  return network.kind() === address.kind() && address.match(network, prefix);
}
