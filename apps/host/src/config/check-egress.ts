import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { type Checked, type Findings, itemsOf, secretOf, textsAt } from './checked.ts';
import type { Finding } from './finding.ts';
import { type Path, valueAt } from './path.ts';
import { parseProxyAddress } from './proxy-address.ts';

/** Proxies and certificates that the door can use. */
export function checkEgress(checked: Checked): Pick<Findings, 'faults'> {
  const targets = itemsOf(checked.resolved, ['targets']);
  const proxies = [['egress'], ...targets].map((path) => [...path, 'proxy']);
  const authorities = [['egress'], ...targets].map((path) => [...path, 'ca']);
  return {
    faults: [
      ...textsAt(checked.resolved, proxies).flatMap((place) => checkProxy(place, checked)),
      ...textsAt(checked.resolved, authorities).flatMap(({ path, text }) => checkCertificates(path, text)),
      ...targets.flatMap((path) => checkIdentity([...path, 'certificate'], checked)),
    ],
  };
}

/** Nothing of it is repeated: there may be a password in it. */
function checkProxy({ path, text }: { path: Path; text: string }, checked: Checked): Finding[] {
  const value = secretOf(text, checked);
  if (value === undefined || value === 'none') return [];
  const address = parseProxyAddress(value);
  return 'fault' in address ? [{ path, message: `this ${address.fault}` }] : [];
}

function checkCertificates(path: Path, text: string): Finding[] {
  const blocks = text.match(/-----BEGIN (TRUSTED )?CERTIFICATE-----[^-]*-----END \1?CERTIFICATE-----/g) ?? [];
  if (blocks.length > 0 && blocks.every((block) => readCertificate(block) !== undefined)) return [];
  return [{ path, message: 'holds no certificate in PEM; its lines begin with `-----BEGIN CERTIFICATE-----`' }];
}

/** The certificate by which we are known to a target, and its key. */
function checkIdentity(path: Path, checked: Checked): Finding[] {
  const [cert, key, passphrase] = ['cert', 'key', 'passphrase'].map((name) => {
    const text = valueAt(checked.resolved, [...path, name]);
    return typeof text === 'string' ? secretOf(text, checked) : undefined;
  });
  const faults = cert === undefined ? [] : checkCertificates([...path, 'cert'], cert);
  if (key === undefined) return faults;
  const privateKey = readPrivateKey(key, passphrase);
  if (privateKey === undefined) {
    const message =
      passphrase === undefined
        ? 'holds no private key in PEM, or one that needs a `passphrase`'
        : 'holds no private key in PEM, or `passphrase` does not open it';
    return [...faults, { path: [...path, 'key'], message }];
  }
  const certificate = cert === undefined ? undefined : readCertificate(cert);
  if (!certificate || certificate.checkPrivateKey(privateKey)) return faults;
  return [...faults, { path: [...path, 'key'], message: 'is not the key of the certificate in `cert`' }];
}

function readCertificate(text: string): X509Certificate | undefined {
  try {
    return new X509Certificate(text);
  } catch {
    return undefined;
  }
}

function readPrivateKey(key: string, passphrase: string | undefined): KeyObject | undefined {
  try {
    return createPrivateKey(passphrase === undefined ? key : { key, passphrase });
  } catch {
    return undefined;
  }
}
