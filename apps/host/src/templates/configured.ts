import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import {
  decisionNames,
  type Fault,
  parseTemplate,
  readTemplateName,
  type TemplateText,
  TocsinError,
} from '@tocsin/core';
import { faultAt, type LoadedConfig } from '../config/config.ts';
import { placeIn } from '../config/finding.ts';
import { suggest } from '../config/nearest.ts';
import { formatPath, type Path } from '../config/path.ts';
import { misplacedTemplates, type TemplatePlace, templateNames, type WrittenTemplates } from '../config/templates.ts';

/** The operator's templates, by where they stand. */
export interface OperatorTemplates {
  /** By the source's id; its decisions are among them. */
  sources: ReadonlyMap<string, TemplateText[]>;
  /** By the target's id. */
  targets: ReadonlyMap<string, TemplateText[]>;
  /** Of `to` entries, by the name that their deliveries carry. */
  wordings: ReadonlyMap<string, TemplateText[]>;
}

/** Reads what the config's `templates` say and lead to. Each fault names file, line and column. */
export function readConfiguredTemplates(config: LoadedConfig): { templates: OperatorTemplates; faults: Fault[] } {
  const faults: Fault[] = [];
  const read = (written: WrittenTemplates, place: TemplatePlace, path: Path): TemplateText[] => {
    const found =
      typeof written === 'string' ? fromFolder(config, written, place, path) : fromConfig(config, written, path);
    faults.push(...found.faults, ...found.templates.flatMap(faultsOf));
    return found.templates.map(({ name, file, source }) => ({ name, file, source }));
  };
  const readAll = (list: 'sources' | 'targets', place: TemplatePlace) =>
    new Map(
      config[list].map(({ id, templates = {} }, index) => [id, read(templates, place, [list, index, 'templates'])]),
    );
  const templates = {
    sources: readAll('sources', 'source'),
    targets: readAll('targets', 'target'),
    wordings: new Map(config.wordings.map((entry) => [entry.name, read(entry.templates, 'target', entry.path)])),
  };
  return { templates, faults };
}

/** A template that can say where something in its text stands for the operator. */
interface Placed extends TemplateText {
  fault: (message: string, line: number, column: number) => Fault;
}

interface Found {
  templates: Placed[];
  faults: Fault[];
}

function fromConfig(config: LoadedConfig, written: Record<string, string>, path: Path): Found {
  const templates = Object.entries(written).map(([name, source]): Placed => {
    const at = [...path, name];
    return {
      name,
      source,
      file: `${config.file}:${config.at(at).line} (${formatPath(at)})`,
      fault: (message, line, column) => faultAt(config, at, message, placeIn(source, line, column)),
    };
  });
  return { templates, faults: [] };
}

function fromFolder(config: LoadedConfig, folder: string, place: TemplatePlace, path: Path): Found {
  const shown = join(dirname(config.file), folder);
  const files = listFolder(resolve(config.folder, folder));
  if (!files)
    return {
      templates: [],
      faults: [faultAt(config, path, `the folder ${shown} can't be read; create it, or correct the path`)],
    };
  const known = files.filter((file) => isKnown(file, place));
  const faults = files
    .filter((file) => !isKnown(file, place))
    .map((file): Fault => ({ path: '', message: aboutFile(file, place), file: join(shown, file), line: 1, column: 1 }));
  if (files.length === 0)
    faults.push(faultAt(config, path, `the folder ${shown} is empty; write \`message.hbs\`, or remove the key`));
  const templates = known.map((name): Placed => {
    const file = join(shown, name);
    return {
      name: name.slice(0, -ending.length),
      file,
      source: readFileSync(resolve(config.folder, folder, name), 'utf8'),
      fault: (message, line, column) => ({ path: '', message, file, line, column }),
    };
  });
  return { templates, faults };
}

const ending = '.hbs';

function listFolder(folder: string): string[] | undefined {
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith('.'))
      .sort();
  } catch {
    return undefined;
  }
}

function isKnown(file: string, place: TemplatePlace): boolean {
  return file.endsWith(ending) && templateNames[place].includes(file.slice(0, -ending.length));
}

function aboutFile(file: string, place: TemplatePlace): string {
  const name = file.replace(/\.hbs$/, '');
  const misplaced = misplacedTemplates[place];
  if (Object.hasOwn(misplaced, name)) return `\`${name}\` ${misplaced[name]}`;
  const names = templateNames[place].map((known) => `${known}${ending}`);
  return `is no template${suggest(file, names, 'there are')}`;
}

function faultsOf({ name, file, source, fault }: Placed): Fault[] {
  try {
    parseTemplate(source, { file });
  } catch (error) {
    if (!(error instanceof TocsinError)) throw error;
    return error.faults.map(({ message, line = 1, column = 1 }) => fault(message, line, column));
  }
  const isLayout = readTemplateName(name)?.field === 'layout';
  if (!isLayout || /\{\{[^}]*\bmessage\b/.test(source)) return [];
  return [fault('a layout without the message; write `{{message}}` on a line of its own', 1, 1)];
}

/** The templates that decide when an alert comes in, apart from those that are said. */
export function splitDecisions(texts: readonly TemplateText[]): { decisions: TemplateText[]; words: TemplateText[] } {
  const isDecision = ({ name }: TemplateText) => (decisionNames as readonly string[]).includes(name);
  return { decisions: texts.filter(isDecision), words: texts.filter((text) => !isDecision(text)) };
}
