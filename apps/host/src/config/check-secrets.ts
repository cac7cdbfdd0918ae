import { masterKeyRemedy, readMasterKey } from '../secrets/master-key.ts';
import { hubSources } from './check-hub.ts';
import { type Checked, type Findings, itemsOf, secretOf, textsAt } from './checked.ts';
import type { Finding } from './finding.ts';
import { formatPath, type Path, valueAt } from './path.ts';

const shortest = 16;

/** Every source that is posted to has keys that can't be guessed, and that fit into an address. */
export function checkKeys(checked: Checked): Findings {
  const findings: Findings = { faults: [], warnings: [] };
  const keyless = new Set(hubSources(checked).map(formatPath));
  for (const path of itemsOf(checked.resolved, ['sources'])) {
    if (keyless.has(formatPath(path))) continue;
    const key = valueAt(checked.resolved, [...path, 'key']);
    const keys = valueAt(checked.resolved, [...path, 'keys']);
    const named = keys !== null && typeof keys === 'object' ? Object.keys(keys) : [];
    if (key !== undefined && keys !== undefined) {
      const message = 'has both `key` and `keys`; move the one into the others: `keys: { first: "${env:NAME}" }`';
      findings.faults.push({ path: [...path, 'key'], message, at: 'key' });
    } else if (key === undefined && named.length === 0 && isMap(checked.resolved, path)) {
      const message = 'has no key, so anyone could post to it; add `key: "${env:NAME}"` with 16 characters or more';
      findings.faults.push({ path: keys === undefined ? path : [...path, 'keys'], message });
    }
    checkAddressKeys([[...path, 'key'], ...named.map((name) => [...path, 'keys', name])], checked, findings);
  }
  // Callbacks are signed, and need no key besides.
  for (const path of itemsOf(checked.resolved, ['targets'])) {
    const keys = Object.keys(Object(valueAt(checked.resolved, [...path, 'keys'])));
    checkAddressKeys(
      keys.map((name) => [...path, 'keys', name]),
      checked,
      findings,
    );
  }
  return findings;
}

function checkAddressKeys(places: Path[], checked: Checked, findings: Findings): void {
  for (const { path, text } of textsAt(checked.resolved, places)) {
    const value = secretOf(text, checked);
    if (value === undefined) continue;
    refuseShort(path, value, checked, findings);
    // The base64 of a signing secret is not ours to choose: its slashes are percent-encoded.
    const plain = value.startsWith('whsec_') ? value.replaceAll('/', '') : value;
    if (!/^[!-~]*$/.test(plain) || /[/?#%\\]/.test(plain)) {
      const message = 'this key does not fit into an address; use letters, digits, `-`, `_` and `.`';
      findings.faults.push({ path, message });
    }
  }
}

/** A token says who acts, so no two are the same. */
export function checkTokens(checked: Checked): Findings {
  const findings: Findings = { faults: [], warnings: [] };
  const seen = new Set<string>();
  const places = itemsOf(checked.resolved, ['tokens']).map((path) => [...path, 'value']);
  for (const { path, text } of textsAt(checked.resolved, places)) {
    const value = secretOf(text, checked);
    if (value === undefined) continue;
    refuseShort(path, value, checked, findings);
    if (!/^[!-~]*$/.test(value)) {
      findings.faults.push({ path, message: 'this token does not fit into a header; use ASCII without spaces' });
    }
    if (seen.has(value)) {
      findings.faults.push({ path, message: 'this token has the value of another one; give each person their own' });
    }
    seen.add(value);
  }
  return findings;
}

/** What secrets lie under must be a key; without it they can't be read. */
export function checkMasterKeys(checked: Checked): Finding[] {
  const places = [['secrets', 'key'], ...itemsOf(checked.resolved, ['secrets', 'previous'])];
  return textsAt(checked.resolved, places).flatMap(({ path, text }) => {
    const value = secretOf(text, checked);
    if (value === undefined || readMasterKey(value)) return [];
    return [{ path, message: `this is no key for secrets. ${masterKeyRemedy}` }];
  });
}

/** On this machine alone a short one is a matter of taste. */
function refuseShort(path: Path, value: string, { listen }: Checked, { faults, warnings }: Findings): void {
  if (value.length >= shortest) return;
  const message = `this secret has fewer than ${shortest} characters and could be guessed; make one with \`openssl rand -hex 16\``;
  const finding: Finding = { path, message };
  if (listen?.loopback === false) faults.push(finding);
  else warnings.push(finding);
}

function isMap(value: unknown, path: Path): boolean {
  const found = valueAt(value, path);
  return found !== null && typeof found === 'object' && !Array.isArray(found);
}
