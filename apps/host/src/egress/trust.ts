import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import type { SecretText, TargetConfig } from '../config/config.ts';
import { resolveSecrets } from '../config/reference.ts';

type Identity = Pick<TargetConfig, 'ca' | 'certificate'>;

/**
 * What certificates are held against, and the one by which we are known. A target's own authorities are the only ones
 * for it, those of all targets stand beside the public ones. Nothing where Node's own way will do.
 */
export function readTrust(
  common: string | undefined,
  secrets: ReadonlyMap<string, string>,
): { ofTarget(identity: Identity): SecureContext | undefined; ofProxy: SecureContext | undefined } {
  const authorities = common === undefined ? undefined : [...getCACertificates('default'), common];
  // Reading all public authorities takes a while: it is done once.
  const usual = authorities && createSecureContext({ ca: authorities });
  const value = (text: SecretText | undefined) => (text === undefined ? undefined : resolveSecrets(text, secrets));
  return {
    ofTarget({ ca, certificate }) {
      if (ca === undefined && certificate === undefined) return usual;
      const { cert, key, passphrase } = certificate ?? {};
      return createSecureContext({ ca: ca ?? authorities, cert, key: value(key), passphrase: value(passphrase) });
    },
    ofProxy: usual,
  };
}
