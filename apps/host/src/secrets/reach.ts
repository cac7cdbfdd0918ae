import { isIPv6 } from 'node:net';

/** Where a secret may go: which targets may use it, and which hosts may get it. `*` stands for all of them. */
export interface Reach {
  targets: readonly string[];
  /** Exact names and addresses, or `*.example.com` for every name below. */
  hosts: readonly string[];
}

export function allowsTarget({ targets }: Pick<Reach, 'targets'>, target: string): boolean {
  return targets.includes('*') || targets.includes(target);
}

/** `host` as `URL.hostname` has it. */
export function allowsHost({ hosts }: Pick<Reach, 'hosts'>, host: string): boolean {
  const name = withoutRoot(host.toLowerCase());
  return hosts.some((entry) => {
    if (entry === '*') return true;
    return entry.startsWith('*.') ? name.length > entry.length - 1 && name.endsWith(entry.slice(1)) : name === entry;
  });
}

/** The entry as it is compared, with small letters and punycode; nothing where it is none. */
export function readHost(text: string): string | undefined {
  if (text === '*') return text;
  const [prefix, name] = text.startsWith('*.') ? ['*.', text.slice(2)] : ['', text];
  const written = isIPv6(name) ? `[${name}]` : name;
  if (/[\s/?#@\\%*]/.test(written) || (written.includes(':') && !/^\[[^\]]+\]$/.test(written))) return undefined;
  const address = `http://${written}/`;
  if (!URL.canParse(address)) return undefined;
  const host = withoutRoot(new URL(address).hostname);
  return host === '' || (prefix !== '' && /^\[|^[\d.]+$/.test(host)) ? undefined : prefix + host;
}

/** A dot at the end of a name says that it is whole, and changes nothing. */
function withoutRoot(name: string): string {
  return name.replace(/\.$/, '');
}
