import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** One entry of `egress.allow` or `egress.deny`. */
export type EgressRule =
  /** Canonical, with its bits beyond the prefix zero: `10.0.0.0/8`, `fd00::/8`; a single address has /32 or /128. */
  | { kind: 'range'; range: string }
  /** Exactly this name, in lower case. */
  | { kind: 'host'; host: string };

/** The rule, or what is wrong: words that go on after the quoted text, and a detail that repeats part of it. */
export function parseEgressRule(text: string): EgressRule | { fault: string; detail?: string } {
  const [address = '', prefix, ...rest] = text.split('/');
  // A zone (`fe80::1%eth0`) belongs to one machine's interfaces, not to a rule.
  const family = address.includes('%') ? 0 : isIP(address);
  if (family !== 0 && rest.length === 0) return parseRange(address, prefix ?? (family === 4 ? '32' : '128'));
  if (text.includes('://') || text.includes('/')) return { fault: `is no range and no host name; ${forms}` };
  if (text.includes('*')) return { fault: `has a wildcard; only exact names are compared, ${forms}` };
  const name = text.toLowerCase().replace(/\.$/, '');
  const labels = name.split('.');
  const valid = name.length <= 253 && labels.every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label));
  // A name whose last label is a number is an IPv4 address in disguise (WHATWG URL, section 3.5).
  if (!valid || /^(\d+|0x[0-9a-f]*)$/.test(labels.at(-1) as string))
    return { fault: `is no range and no host name; ${forms}` };
  return { kind: 'host', host: name };
}

const forms = 'write `10.0.0.0/8`, `192.0.2.7` or `mail.example.com`';

function parseRange(address: string, prefix: string): EgressRule | { fault: string; detail?: string } {
  const parsed = ipaddr.parse(address);
  // Connections have the IPv4 address itself.
  if (parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress() && Number(prefix) >= 96) {
    return parseRange(parsed.toIPv4Address().toString(), `${Number(prefix) - 96}`);
  }
  const width = parsed.kind() === 'ipv4' ? 32 : 128;
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > width)
    return { fault: `needs a prefix between 0 and ${width} after the \`/\`` };
  const written = `${address}/${prefix}`;
  const network =
    width === 32 ? ipaddr.IPv4.networkAddressFromCIDR(written) : ipaddr.IPv6.networkAddressFromCIDR(written);
  const range = `${network.toString()}/${Number(prefix)}`;
  const given = `${parsed.toString()}/${Number(prefix)}`;
  if (range !== given) {
    const detail = `write \`${range}\`, or \`${parsed.toString()}\` for the one address`;
    return { fault: 'has bits beyond its prefix', detail };
  }
  return { kind: 'range', range };
}
