import { existsSync, readdirSync, statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TocsinError } from './errors.ts';
import { type Integration, readDefinition, type SourceTemplates, templateFields } from './integration.ts';
import { readTemplateName, sourceTemplatesOf, type TemplateText } from './layers.ts';
import { mediumNames } from './media/medium.ts';
import { contractVersion } from './source.ts';

/**
 * Reads an integration's package from its folder and imports its definition.
 * Throws a TocsinError `integration` (or `template`, with file:line:column) that names the package.
 */
export async function loadIntegration(folder: string): Promise<Integration> {
  const manifest = await readManifest(folder);
  checkContract(manifest);
  const id = idOf(manifest.name);
  const module = await importEntry(join(folder, entryOf(manifest, folder)), manifest.name);
  const definition = readDefinition(module.default, manifest.name);
  const howto = await readRequired(folder, 'howto.html', manifest.name);
  const base = { id, name: manifest.name, version: manifest.version, folder, howto };
  if (definition.kind === 'target') return { ...base, kind: 'target', definition };
  return { ...base, kind: 'source', definition, templates: await readTemplates(folder, manifest.name) };
}

/** `@tocsin/source-acme` → `acme`; `tocsin-target-acme` → `acme`. */
export function idOf(packageName: string): string {
  const name = packageName.split('/').at(-1) as string;
  return name.replace(/^tocsin-/, '').replace(/^(source|target)-/, '');
}

async function readTemplates(folder: string, origin: string): Promise<SourceTemplates> {
  const directory = join(folder, 'templates');
  const names = (await readdir(directory).catch(() => [])).filter((name) => !name.startsWith('.')).sort();
  const texts: TemplateText[] = [];
  for (const file of names) {
    const name = file.replace(/\.hbs$/, '');
    const field = readTemplateName(name)?.field;
    if (!file.endsWith('.hbs') || field === undefined || field === 'layout') {
      throw new TocsinError('integration', `templates/${file} is not a known template`, {
        origin,
        remedy: `Name it <field>.hbs or <field>.<medium>.hbs; fields: ${templateFields.join(', ')}; media: ${mediumNames.join(', ')}.`,
      });
    }
    const path = join(directory, file);
    texts.push({ name, file: path, source: await readFile(path, 'utf8') });
  }
  return sourceTemplatesOf(texts, origin);
}

interface Manifest {
  name: string;
  version: string;
  exports?: unknown;
  tocsin?: { contract?: unknown };
}

async function readManifest(folder: string): Promise<Manifest> {
  const manifest: Manifest = JSON.parse(await readRequired(folder, 'package.json', folder));
  if (typeof manifest.name === 'string' && typeof manifest.version === 'string') return manifest;
  throw new TocsinError('integration', 'its package.json lacks name or version', {
    origin: folder,
    remedy: 'Add them.',
  });
}

/** Before any of its code runs: what was made for another contract may fail in ways that nobody understands. */
function checkContract({ name, version, tocsin }: Manifest): void {
  const contract = tocsin?.contract;
  if (contract === contractVersion) return;
  if (contract === undefined) {
    throw new TocsinError('integration', "its package.json doesn't say which version of the contract it was made for", {
      origin: name,
      remedy: `Add "tocsin": { "contract": ${contractVersion} } to package.json.`,
    });
  }
  throw new TocsinError(
    'integration',
    `its release ${version} was made for version ${JSON.stringify(contract)} of the contract; this is version ${contractVersion}`,
    { origin: name, remedy: 'Install a release of the package, or of Tocsin, that fits.' },
  );
}

async function importEntry(entry: string, origin: string): Promise<{ default?: unknown }> {
  try {
    return await import(pathToFileURL(entry).href);
  } catch (cause) {
    const isMissing = !existsSync(entry);
    const reason = isMissing
      ? 'is not there'
      : `can't be run: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new TocsinError('integration', `${entry} ${reason}`, {
      origin,
      remedy: isMissing
        ? 'Build the package: npm run build.'
        : 'Mend the package, or install a release of it that works.',
      cause,
    });
  }
}

/**
 * The entry that this process reads: TypeScript under the `@tocsin/source` condition, or where a working copy's is newer
 * than what was built of it; else the built file.
 */
function entryOf(manifest: Manifest, folder: string): string {
  const exported = (manifest.exports as Record<string, unknown> | undefined)?.['.'];
  const conditions =
    typeof exported === 'string' ? { default: exported } : (exported as Record<string, unknown> | undefined);
  const { '@tocsin/source': source, default: built } = conditions ?? {};
  if (typeof source === 'string' && (readsSource || isNewer(join(folder, source), join(folder, String(built))))) {
    return source;
  }
  if (typeof built === 'string') return built;
  throw new TocsinError('integration', 'its package.json names no entry', {
    origin: folder,
    remedy: 'Add "exports": {".": {"default": "./dist/index.js"}}.',
  });
}

/** This very file is read as TypeScript exactly when the packages are. */
const readsSource = import.meta.url.endsWith('.ts');

/** Whether something beside the source was written after the built file; an installed package has no source. */
function isNewer(source: string, built: string): boolean {
  if (!existsSync(source)) return false;
  const builtAt = statSync(built, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return readdirSync(dirname(source)).some((name) => statSync(join(dirname(source), name)).mtimeMs > builtAt);
}

async function readRequired(folder: string, name: string, origin: string): Promise<string> {
  try {
    return await readFile(join(folder, name), 'utf8');
  } catch (cause) {
    throw new TocsinError('integration', `${name} can't be read in ${folder}`, {
      origin,
      remedy: `Add ${name}; every integration has one.`,
      cause,
    });
  }
}
