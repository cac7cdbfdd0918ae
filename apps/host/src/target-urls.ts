import { isIP } from 'node:net';
import { type Fault, type HttpRequest, TocsinError, type z } from '@tocsin/core';
import { faultAt, type LoadedConfig } from './config/config.ts';
import { type Path, valueAt } from './config/path.ts';
import { replaceReferences, resolveSecrets } from './config/reference.ts';
import { Guard } from './egress/guard.ts';
import { Vault } from './egress/vault.ts';
import { urlPaths } from './secret-settings.ts';

/** Where settings lead, with the secrets in them. No message holds any of these. */
export function urlFaults(config: LoadedConfig, path: Path, schema: z.ZodType): Fault[] {
  const settings = valueAt(config, path);
  return urlPaths(schema, settings).flatMap((inner) => {
    const written = valueAt(settings, inner);
    const reason = typeof written === 'string' ? (faultOf(written, config) ?? denialOf(written, config)) : undefined;
    return reason === undefined ? [] : [faultAt(config, [...path, ...inner], `this ${reason}`)];
  });
}

function faultOf(written: string, { secrets }: LoadedConfig): string | undefined {
  // What the store has is known when it is sent: an address that begins with it is looked at there.
  if (/^\$\{secret:/.test(written)) return undefined;
  const known = written.includes('${secret:')
    ? replaceReferences(written, ({ kind, text }) => (kind === 'secret' ? 'x' : text))
    : written;
  const vault = new Vault(secrets);
  let url: string;
  try {
    // As the door fills it in, where each secret is encoded for its place.
    ({ url } = vault.open({ method: 'GET', url: vault.seal(known) } as HttpRequest, '')); // a text stays one
  } catch (error) {
    if (error instanceof TocsinError) return `address can't be used: ${error.message}; ${error.remedy}`;
    throw error;
  }
  if (/\{\{/.test(url)) return 'address holds a template; write the address itself, with references for its secrets';
  if (/[\s\p{Cc}]/u.test(url)) return 'address has white space in it; remove it, or write `%20`';
  const parsed = URL.parse(url);
  if (!parsed || !/^https?:\/\//i.test(url)) return 'is no address; write `https://host/path`, or `http://`';
  if (parsed.username !== '' || parsed.password !== '')
    return 'address has a user or password in it; send them in a header, such as `Authorization`';
  return undefined;
}

/** Of an address that is a number and that the file has in the open; others are looked at when they are used. */
function denialOf(written: string, { egress: { allow, deny }, secrets }: LoadedConfig): string | undefined {
  if (/\$\{(env|file|secret):/.test(written)) return undefined;
  const address = URL.parse(resolveSecrets(written, secrets))?.hostname.replace(/^\[|\]$/g, '') ?? '';
  if (isIP(address) === 0) return undefined;
  try {
    new Guard({ allow, deny, own: () => [] }).check(address, 0, address);
    return undefined;
  } catch (error) {
    if (error instanceof TocsinError) return `address is denied: ${error.message}. ${error.remedy}`;
    throw error;
  }
}
