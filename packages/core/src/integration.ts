import { TocsinError } from './errors.ts';
import type { MediumName } from './media/medium.ts';
import { notOfferedFaults } from './not-offered.ts';
import { contractVersion, type Source } from './source.ts';
import type { Target } from './target.ts';
import type { Template } from './template/template.ts';
import { authenticationFaults, verificationFaults } from './verification.ts';

/** The fields that a source writes; `image` may be missing. */
export const templateFields = ['title', 'message', 'link', 'image'] as const;
export type TemplateField = (typeof templateFields)[number];

/** A source's texts: one template a field, and those that a medium has of its own (`message.slack.hbs`). */
export interface SourceTemplates {
  title: Template;
  message: Template;
  link: Template;
  image?: Template;
  /** Put around the message, which it reads as `message`. An operator's, never a package's. */
  layout?: Template;
  overrides: Partial<Record<MediumName, Partial<Record<TemplateField | 'layout', Template>>>>;
}

interface Package {
  /** The folder's name, and the last part of the package's. */
  id: string;
  /** The npm package's name. */
  name: string;
  version: string;
  folder: string;
  /** "How to connect" as HTML, not yet sanitised, with `{{url}}` (the source's address without its key) and `{{key}}`. */
  howto: string;
}

export interface SourceIntegration extends Package {
  kind: 'source';
  definition: Source;
  templates: SourceTemplates;
}

export interface TargetIntegration extends Package {
  kind: 'target';
  definition: Target;
}

export type Integration = SourceIntegration | TargetIntegration;

/** The definition that a package exports, or a TocsinError `integration` that says what is missing. */
export function readDefinition(exported: unknown, origin: string): Source | Target {
  const fail = (message: string, remedy: string): never => {
    throw new TocsinError('integration', message, { origin, remedy });
  };
  if (exported === null || typeof exported !== 'object' || !('kind' in exported)) {
    fail(
      'its default export is no integration',
      'Write `export default defineSource({…})` or `export default defineTarget({…})`.',
    );
  }
  // Checked field by field below; a package is JavaScript and may export anything.
  const definition = exported as Record<string, unknown>;
  if (definition.contract !== contractVersion) {
    fail(
      `it speaks version ${String(definition.contract)} of the contract; this host speaks version ${contractVersion}`,
      'Install a release of the package, or of Tocsin, that fits.',
    );
  }
  const kind = definition.kind as keyof typeof requiredParts;
  const required = Object.hasOwn(requiredParts, kind) ? requiredParts[kind] : undefined;
  if (!required) return fail(`its kind is ${JSON.stringify(definition.kind)}`, 'Use defineSource or defineTarget.');
  for (const [part, type] of Object.entries(required)) {
    const given = definition[part];
    if (typeof given !== type || given === null || given === '') {
      fail(
        `\`${part}\` is missing or no ${type}`,
        `Give \`${part}\` in the definition; core's documentation says what it is for.`,
      );
    }
  }
  const [fault] = notOfferedFaults(kind, definition.notOffered);
  if (fault) fail(fault, "Name what the vendor doesn't have with the https page that shows it, or leave it out.");
  const [proof] = kind === 'source' ? verificationFaults(definition.verify) : authenticationFaults(definition.auth);
  if (proof) fail(proof, "Write what the contract's documentation has for that kind, or leave it out.");
  const why = definition.whyNoOverride;
  if (why !== undefined && (typeof why !== 'string' || why.trim() === '')) {
    fail('`whyNoOverride` is no text', 'Write the reason in a sentence, or leave it out.');
  }
  return definition as unknown as Source | Target;
}

const requiredParts = {
  source: {
    title: 'string',
    summary: 'string',
    docs: 'string',
    payload: 'object',
    status: 'function',
    group: 'function',
    fingerprint: 'function',
  },
  target: {
    title: 'string',
    summary: 'string',
    docs: 'string',
    settings: 'object',
    mode: 'string',
    limits: 'object',
    request: 'function',
  },
} as const;
