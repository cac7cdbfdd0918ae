import { type Fault, TocsinError } from '@tocsin/core';
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { formatPath, type Path } from '../../config/path.ts';
import { syntaxFaults } from '../../config/syntax.ts';

/** A file of another program, read, that knows where each part of it is written. */
export interface YamlFile<Content> {
  file: string;
  content: Content;
  /** A fault at a path, or at its nearest parent that is there. */
  fault: (path: Path, message: string) => Fault;
}

/** YAML, and so JSON too. Throws one TocsinError `config` with every fault, each with its line and column. */
export function readYaml<Content>(file: string, text: string, schema: z.ZodType<Content>): YamlFile<Content> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, resolveKnownTags: false });
  const offsetOf = (path: Path): number => {
    const node = document.getIn(path, true);
    if (isNode(node) && node.range) return node.range[0];
    return path.length === 0 ? 0 : offsetOf(path.slice(0, -1));
  };
  const faultAt = (path: Path, message: string, offset = offsetOf(path)): Fault => {
    const { line, col } = lines.linePos(offset);
    return { path: formatPath(path), message, file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const syntax = syntaxFaults(document).map(({ message, offset }) => faultAt([], message, offset));
  if (syntax.length > 0) throw unreadable(file, syntax);
  const read = schema.safeParse(plainOf(document));
  if (read.success) return { file, content: read.data, fault: (path, message) => faultAt(path, message) };
  throw unreadable(
    file,
    read.error.issues.map(({ path, message }) => faultAt(path as Path, message)), // YAML has no symbols for keys
  );
}

/** Null for a document of which aliases would make too much. */
function plainOf(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch {
    return null;
  }
}

function unreadable(file: string, faults: Fault[]): TocsinError {
  return new TocsinError('config', `it can't be read`, {
    origin: file,
    faults,
    remedy: 'Mend these, and import it again.',
  });
}
