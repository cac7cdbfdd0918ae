import { generateKeyPairSync } from 'node:crypto';
import forge from 'node-forge';

/** A certificate and its key, in PEM. */
export interface Issued {
  cert: string;
  key: string;
}

export interface Authority {
  /** Its own certificate, in PEM. */
  cert: string;
  /** A certificate for these names and addresses, valid until then (by default tomorrow). */
  issue(names: readonly string[], until?: Date): Issued;
}

const day = 86_400_000;

/** An authority that nobody knows. */
export function makeAuthority(name: string): Authority {
  const authority = [{ name: 'commonName', value: name }];
  const sign = (subject: string, until: Date, extensions: object[]) => {
    const certificate = forge.pki.createCertificate();
    certificate.publicKey = forge.pki.setRsaPublicKey(privateKey.n, privateKey.e);
    serial += 1;
    certificate.serialNumber = `${1000 + serial}`;
    certificate.validity.notBefore = new Date(until.getTime() - 30 * day);
    certificate.validity.notAfter = until;
    certificate.setSubject([{ name: 'commonName', value: subject }]);
    certificate.setIssuer(authority);
    certificate.setExtensions(extensions);
    certificate.sign(privateKey, forge.md.sha256.create());
    return forge.pki.certificateToPem(certificate);
  };
  const tomorrow = new Date(Date.now() + day);
  return {
    cert: sign(name, tomorrow, [{ name: 'basicConstraints', cA: true, critical: true }]),
    issue(names, until = tomorrow) {
      const altNames = names.map((one) => (/^[\d.]+$/.test(one) ? { type: 7, ip: one } : { type: 2, value: one }));
      const cert = sign(names[0] ?? '', until, [{ name: 'subjectAltName', altNames }]);
      return { cert, key };
    },
  };
}

let serial = 0;

/** One for all: making them is what takes the time, and a certificate is judged by its names too. */
const { privateKey: key } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const privateKey = forge.pki.privateKeyFromPem(key);
