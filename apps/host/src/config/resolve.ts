import { resolve } from 'node:path';
import { nearest } from '@tocsin/core';
import type { Finding } from './finding.ts';
import { type Path, valueAt } from './path.ts';
import { parseReferences, type Reference } from './reference.ts';
import { isSecretId } from './secret-id.ts';

export interface Surroundings {
  /** Relative paths in `${file:…}` start here. */
  folder: string;
  env: Readonly<Record<string, string | undefined>>;
  /** Throws if the file can't be read. */
  readFile: (path: string) => string;
}

export interface Resolution {
  /** The document's value; references stand where a secret belongs, and nowhere else. */
  value: unknown;
  /** From the text of a reference to its value. `${secret:…}` isn't there: its value is in the store, and may change. */
  secrets: Map<string, string>;
  faults: Finding[];
  warnings: Finding[];
}

/**
 * Fills in `${env:…}` and `${file:…}`. Where a secret belongs the reference stays and its value goes into the map; a
 * token or key that is written out becomes a reference (`${config:tokens/ann/value}`) too.
 */
export function resolveReferences(value: unknown, surroundings: Surroundings): Resolution {
  const resolver = new Resolver(value, surroundings);
  const resolved = resolver.walk(value, []);
  resolver.warnOpenSecrets();
  return { value: resolved, secrets: resolver.secrets, faults: resolver.faults, warnings: resolver.warnings };
}

/** `${config:targets/ops/settings/webhookUrl}`: stands for a secret that is written out at that place of the file. */
export function literalReference(value: unknown, path: Path): string {
  const [list, index, ...rest] = path;
  const owner = valueAt(value, [list as string, index as number]); // secrets lie inside lists
  const name = valueAt(owner, [list === 'tokens' ? 'name' : 'id']);
  const steps = [list, typeof name === 'string' ? name : index, ...rest];
  return `\${config:${steps.map((step) => encodeURIComponent(String(step).toWellFormed())).join('/')}}`;
}

class Resolver {
  readonly secrets = new Map<string, string>();
  readonly faults: Finding[] = [];
  readonly warnings: Finding[] = [];
  readonly #root: unknown;
  readonly #surroundings: Surroundings;
  /** References outside secret places, with the first such place. */
  readonly #open = new Map<string, Path>();

  constructor(root: unknown, surroundings: Surroundings) {
    this.#root = root;
    this.#surroundings = surroundings;
  }

  walk(value: unknown, path: Path): unknown {
    if (typeof value === 'string') {
      const text = isFilePlace(path) && isPath(value) ? `\${file:${value}}` : value;
      return isSecretPlace(path) ? this.#keep(text, path) : this.#fillIn(text, path);
    }
    if (Array.isArray(value)) return value.map((item, index) => this.walk(item, [...path, index]));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inside]) => {
        const message = 'references are read in values only; write the key itself';
        if (key.includes('${')) this.faults.push({ path: [...path, key], message, at: 'key' });
        return [key, this.walk(inside, [...path, key])];
      }),
    );
  }

  /** Someone may use one variable for a secret and, elsewhere, in the open. */
  warnOpenSecrets(): void {
    for (const [text, path] of this.#open) {
      if (!this.secrets.has(text)) continue;
      const message = `${text} is also used where a secret belongs, but here its value can be seen; use another variable`;
      this.warnings.push({ path, message, within: text });
    }
  }

  #fillIn(text: string, path: Path): string {
    if (!text.includes('${')) return text;
    const parts = parseReferences(text).map((part) => {
      if (typeof part === 'string') return part;
      if (!this.#open.has(part.text)) this.#open.set(part.text, path);
      return this.#lookUp(part, path);
    });
    return parts.join('');
  }

  #keep(text: string, path: Path): string {
    const parts = parseReferences(text);
    const references = parts.filter((part) => typeof part !== 'string');
    for (const reference of references) {
      if (reference.kind === 'secret' && isTargetSetting(path)) this.#checkStored(reference, path);
      else this.secrets.set(reference.text, this.#lookUp(reference, path));
    }
    if (references.length > 0 || text === '' || isOpenText(text, path)) return text;
    const reference = literalReference(this.#root, path);
    this.secrets.set(reference, parts.join(''));
    this.warnings.push({ path, message: literalWarning });
    return reference;
  }

  /** Whether the store has it is seen at the start, when the store is open. */
  #checkStored({ name, text }: Reference, path: Path): void {
    if (isSecretId(name)) return;
    const message = 'no name and key of a secret; write `${secret:name/key}`, of letters, digits, `.`, `_` and `-`';
    this.faults.push({ path, message, within: text });
  }

  #lookUp(reference: Reference, path: Path): string {
    const result = lookUp(reference, this.#surroundings, isFilePlace(path) ? longestBundle : longestValue);
    if ('value' in result) return result.value;
    this.faults.push({ path, message: result.fault, within: reference.text });
    return '';
  }
}

/** Where a secret belongs; what is found there never leaves the map. */
function isSecretPlace(path: Path): boolean {
  const [list, second, key, ...rest] = path;
  if (list === 'secrets') return second === 'key' || second === 'previous';
  if (list === 'tokens') return key === 'value' && rest.length === 0;
  if (isWriteBackSetting(path)) return true;
  if (list === 'sources') return (key === 'key' && rest.length === 0) || (key === 'keys' && rest.length === 1);
  if (isProxyPlace(path)) return true;
  if (list !== 'targets' || rest.length === 0) return false;
  if (key === 'keys') return rest.length === 1;
  return key === 'settings' || (key === 'certificate' && rest.length === 1 && rest[0] !== 'cert');
}

function isTargetSetting([list, , key]: Path): boolean {
  return list === 'targets' && key === 'settings';
}

function isWriteBackSetting([list, , key]: Path): boolean {
  return list === 'sources' && key === 'writeBack';
}

function isProxyPlace(path: Path): boolean {
  const [list, second, third] = path;
  if (list === 'egress') return second === 'proxy' && path.length === 2;
  return list === 'targets' && third === 'proxy' && path.length === 3;
}

/** Written out where a secret may stand, but none as far as we know. */
function isOpenText(text: string, path: Path): boolean {
  if (isProxyPlace(path)) return !text.includes('@');
  // Which of these are secret only the integration knows.
  return isTargetSetting(path) || isWriteBackSetting(path);
}

/** Where a path stands for the file's content, as `${file:…}` does. */
function isFilePlace(path: Path): boolean {
  const [list, second, key, inner, ...rest] = path;
  if (list === 'egress') return second === 'ca' && path.length === 2;
  if (list !== 'targets' || rest.length > 0) return false;
  return inner === undefined ? key === 'ca' : key === 'certificate' && (inner === 'cert' || inner === 'key');
}

function isPath(text: string): boolean {
  return text !== '' && !/\$\{|\}|\n|-----BEGIN/.test(text);
}

export const literalWarning =
  'a secret is written out in this file; keep it in the environment or in a file: `${env:NAME}`, `${file:/path}`';

/** Faults may hold the reference, never the value. */
function lookUp(
  { kind, name, text }: Reference,
  { env, readFile, folder }: Surroundings,
  longest: number,
): { value: string } | { fault: string } {
  switch (kind) {
    case 'env':
      return readVariable(name, env);
    case 'file':
      return readSecretFile(resolve(folder, name), readFile, longest);
    case 'secret':
      return { fault: `${text} may stand in the settings of targets only; use \`\${env:NAME}\` or \`\${file:/path}\`` };
    default: {
      // Nothing of it is repeated unless it is nearly right: it may be a piece of a secret with `${` in it.
      const meant = nearest(kind, ['env', 'file', 'secret']);
      if (meant) return { fault: `unknown reference \`${kind}:\`, did you mean \`${meant}:\`?` };
      return { fault: 'no reference that is known; write `${env:NAME}`, `${file:/path}`, or `$${` for a plain `${`' };
    }
  }
}

function readVariable(name: string, env: Surroundings['env']): { value: string } | { fault: string } {
  if (!/^[A-Za-z_]\w*$/.test(name))
    return { fault: 'the name of a variable has only letters, digits and `_`: `${env:NAME}`' };
  const value = Object.hasOwn(env, name) ? env[name] : undefined;
  if (value === undefined) return { fault: `the environment variable ${name} is not set; set it before the start` };
  return value === '' ? { fault: `the environment variable ${name} is empty; give it a value` } : { value };
}

const longestValue = 65_536;
/** The certificates of all public authorities are a quarter of it. */
const longestBundle = 1_048_576;

/** One line break at the end belongs to the file, not to the value. */
function readSecretFile(
  path: string,
  readFile: Surroundings['readFile'],
  longest: number,
): { value: string } | { fault: string } {
  try {
    const value = readFile(path).replace(/\r?\n$/, '');
    if (value === '') return { fault: `the file ${path} is empty; write the value into it` };
    return value.length > longest ? { fault: `the file ${path} is longer than ${longest} characters` } : { value };
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    return { fault: `the file ${path} can't be read${code}; create it, or correct the path` };
  }
}
