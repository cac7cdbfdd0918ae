import type { EgressConfig } from './config.ts';
import { type Finding, quote } from './finding.ts';
import { type NoProxyRule, parseNoProxy } from './no-proxy.ts';
import { parseProxyAddress } from './proxy-address.ts';
import type { ConfigShape } from './schema.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The proxies that the environment names, as other programs read it. */
export interface ProxyEnvironment {
  proxy: EgressConfig['proxy'];
  noProxy: NoProxyRule[];
  /** From the references in `proxy` to their values. */
  secrets: Map<string, string>;
  faults: Finding[];
  warnings: Finding[];
}

const path = ['egress'];

/** HTTPS_PROXY, HTTP_PROXY and NO_PROXY, the small letters first. This machine itself is never behind a proxy. */
export function readProxyEnvironment(env: Environment): ProxyEnvironment {
  const read: ProxyEnvironment = { proxy: {}, noProxy: [], secrets: new Map(), faults: [], warnings: [] };
  for (const protocol of ['http', 'https'] as const) {
    const name = [`${protocol}_proxy`, `${protocol}_proxy`.toUpperCase()].find((variable) => env[variable]);
    if (name === undefined) continue;
    const value = env[name] as string; // it was found by having one
    const address = parseProxyAddress(value);
    if ('fault' in address) {
      const message = `the environment variable ${name} ${address.fault}; or overrule it by \`egress: { proxy: none }\``;
      read.faults.push({ path, message });
      continue;
    }
    read.proxy[protocol] = `\${env:${name}}`;
    read.secrets.set(`\${env:${name}}`, value);
  }
  if (read.proxy.http === undefined && read.proxy.https === undefined) return read;
  for (const entry of (env.no_proxy || env.NO_PROXY || '').split(/[\s,]+/)) {
    if (entry === '') continue;
    const rule = parseNoProxy(entry);
    if ('fault' in rule) {
      const message = `${quote(entry)} in the environment variable NO_PROXY is passed over: it ${rule.fault}`;
      read.warnings.push({ path, message });
    } else read.noProxy.push(rule);
  }
  read.noProxy.push(...thisMachine);
  return read;
}

const thisMachine: readonly NoProxyRule[] = [
  { kind: 'domain', domain: 'localhost' },
  { kind: 'range', range: '127.0.0.0/8' },
  { kind: 'range', range: '::1/128' },
];

/** Certificates that nobody checks would let anyone read what is told. */
export function refuseUnverified(env: Environment): Finding[] {
  if (env.NODE_TLS_REJECT_UNAUTHORIZED !== '0') return [];
  const message =
    'the environment variable NODE_TLS_REJECT_UNAUTHORIZED=0 switches off the check of certificates; unset it, and name your own authority in `egress.ca` or `targets[].ca`';
  return [{ path, message }];
}

export function toEgress({ proxy, ca, ...egress }: ConfigShape['egress'], environment: ProxyEnvironment): EgressConfig {
  const rest = { ...egress, ...(ca === undefined ? {} : { ca }) };
  if (proxy === 'none') return { ...rest, proxy: {} };
  if (proxy !== undefined) return { ...rest, proxy: { http: proxy, https: proxy } };
  return { ...rest, proxy: environment.proxy, noProxy: [...egress.noProxy, ...environment.noProxy] };
}
