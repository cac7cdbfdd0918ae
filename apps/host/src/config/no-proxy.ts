import { parseEgressRule } from './egress-rule.ts';

/** One entry of `egress.noProxy`: what is reached without the proxy. */
export type NoProxyRule = (
  | { kind: 'all' }
  /** As in an EgressRule. */
  | { kind: 'range'; range: string }
  /** This name and every name below it, in lower case. */
  | { kind: 'domain'; domain: string }
) & {
  /** All ports where it isn't given. */
  port?: number;
};

/** The entry, or what is wrong with it: words that go on after the quoted text. */
export function parseNoProxy(text: string): NoProxyRule | { fault: string } {
  const [, bracketed, plain, digits] = /^(?:\[(.+)\]|([^:]*|.*:.*:.*?))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const port = digits === undefined ? {} : { port: Number(digits) };
  const host = bracketed ?? plain ?? '';
  if (port.port !== undefined && (port.port === 0 || port.port > 65_535)) return { fault: forms };
  if (host === '*') return { kind: 'all', ...port };
  const rule = parseEgressRule(host.replace(/^\*?\./, ''));
  if ('fault' in rule) return { fault: forms };
  return rule.kind === 'range' ? { ...rule, ...port } : { kind: 'domain', domain: rule.host, ...port };
}

const forms = 'is no name and no range; write `.internal.example.com`, `10.0.0.0/8`, `chat.example.com:8443` or `*`';
