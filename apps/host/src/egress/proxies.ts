import ipaddr from 'ipaddr.js';
import type { EgressConfig, SecretText } from '../config/config.ts';
import type { NoProxyRule } from '../config/no-proxy.ts';
import { type ProxyAddress, parseProxyAddress } from '../config/proxy-address.ts';
import { resolveSecrets } from '../config/reference.ts';

/** Where a connection shall lead. */
export interface Destination {
  /** A name or an address, without brackets. */
  host: string;
  port: number;
  isSecure: boolean;
}

export type ChooseProxy = (destination: Destination, addresses: readonly string[]) => ProxyAddress | undefined;

/** The proxy of a target for each of its connections: its own, or else that of all targets unless `noProxy` says no. */
export function chooseProxy(
  own: SecretText | undefined,
  { proxy, noProxy }: EgressConfig,
  secrets: ReadonlyMap<string, string>,
): ChooseProxy {
  const read = (text: SecretText | undefined) => (text === undefined ? undefined : readProxy(text, secrets));
  const fixed = read(own);
  if (own !== undefined) return () => fixed;
  const [plain, secure] = [read(proxy.http), read(proxy.https)];
  return (destination, addresses) => {
    if (noProxy.some((rule) => matches(rule, destination, addresses))) return undefined;
    return destination.isSecure ? secure : plain;
  };
}

function readProxy(text: SecretText, secrets: ReadonlyMap<string, string>): ProxyAddress | undefined {
  const value = resolveSecrets(text, secrets);
  if (value === 'none') return undefined;
  return parseProxyAddress(value) as ProxyAddress; // the check of the config refuses any other
}

function matches(rule: NoProxyRule, { host, port }: Destination, addresses: readonly string[]): boolean {
  if (rule.port !== undefined && rule.port !== port) return false;
  switch (rule.kind) {
    case 'all':
      return true;
    case 'domain': {
      const name = host.toLowerCase().replace(/\.$/, '');
      return name === rule.domain || name.endsWith(`.${rule.domain}`);
    }
    case 'range': {
      const [network, prefix] = ipaddr.parseCIDR(rule.range);
      return addresses.every((text) => {
        const address = ipaddr.process(text);
        return address.kind() === network.kind() && address.match(network, prefix);
      });
    }
  }
}
