import { readFileSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Fault, formatFault, TocsinError } from '@tocsin/core';
import type { Frame, Trouble } from './preview.ts';

/** A place in a file of the package; the file's path may be absolute or start in the package's folder. */
interface Place {
  file: string;
  line: number;
  column: number;
}

/** What a person can do something about: one trouble for each fault of an error, with the lines around it. */
export function troublesOf(error: unknown, folder: string, file?: string): Trouble[] {
  if (error instanceof TocsinError) {
    const placed = error.faults.filter(isPlaced);
    if (placed.length > 0) return placed.map((fault) => placedTrouble(fault, error.remedy, folder));
    const place = placeOf(error.cause, folder);
    if (place) return [troubleAt(place, messageOf(error.cause), folder, 'Mend it and save: this page follows.')];
    const faults = error.faults.map(formatFault);
    return [{ where: file ?? '', message: [error.message, ...faults].join('\n'), remedy: error.remedy }];
  }
  const place = placeOf(error, folder) ?? jsonPlace(error, folder, file);
  if (place) return [troubleAt(place, messageOf(error), folder)];
  return [{ where: file ?? '', message: messageOf(error) }];
}

/** The place as people write it, `templates/title.hbs:3:5`, with the lines around it. */
export function framed({ file, line, column }: Place, folder: string): { where: string; frame?: Frame } {
  const path = isAbsolute(file) ? file : join(folder, file);
  const name = relative(folder, path);
  const frame = frameOf(path, name, line, column);
  return { where: `${name}:${line}:${column}`, ...(frame ? { frame } : {}) };
}

/** Lines before and after the one in question. */
const around = 2;

const longestLine = 400;

function frameOf(path: string, file: string, line: number, column: number): Frame | undefined {
  const lines = readLines(path);
  if (line > lines.length) return undefined;
  const first = Math.max(1, line - around);
  const shown = lines.slice(first - 1, line + around).map((text) => text.slice(0, longestLine));
  return { file, line, column, first, lines: shown };
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split(/\r?\n/);
  } catch {
    return [];
  }
}

type PlacedFault = Fault & Place;

function isPlaced(fault: Fault): fault is PlacedFault {
  return fault.file !== undefined && fault.line !== undefined && fault.column !== undefined;
}

function placedTrouble(fault: PlacedFault, remedy: string | undefined, folder: string): Trouble {
  const message = [fault.path, fault.message].filter((part) => part !== '').join(' ');
  return { message, ...(remedy ? { remedy } : {}), ...framed(fault, folder) };
}

function troubleAt(place: Place, message: string, folder: string, remedy?: string): Trouble {
  return { message, ...(remedy ? { remedy } : {}), ...framed(place, folder) };
}

/** Where in the package code failed: the place that Node prints above a syntax error, else the first call from there. */
function placeOf(error: unknown, folder: string): Place | undefined {
  if (!(error instanceof Error) || !error.stack) return undefined;
  const lines = error.stack.split('\n');
  const head = /^(\/.*|[A-Za-z]:[\\/].*|file:\/\/.*):(\d+)$/.exec(lines[0] ?? '');
  if (head?.[1]) {
    const caret = lines.find((line) => /^\s*\^+\s*$/.test(line)) ?? '^';
    return inFolder({ file: pathOf(head[1]), line: Number(head[2]), column: caret.indexOf('^') + 1 }, folder);
  }
  for (const line of lines) {
    const call = /^\s+at .*?((?:file:\/\/)?(?:\/|[A-Za-z]:[\\/])[^()]*):(\d+):(\d+)\)?$/.exec(line);
    if (!call?.[1]) continue;
    const place = inFolder({ file: pathOf(call[1]), line: Number(call[2]), column: Number(call[3]) }, folder);
    if (place) return place;
  }
  return undefined;
}

function pathOf(location: string): string {
  return location.startsWith('file://') ? fileURLToPath(location) : location;
}

function inFolder(place: Place, folder: string): Place | undefined {
  const name = relative(folder, place.file);
  return name.startsWith('..') || isAbsolute(name) || name.includes('node_modules') ? undefined : place;
}

/** V8 says where a text stops being JSON. */
function jsonPlace(error: unknown, folder: string, file: string | undefined): Place | undefined {
  if (!(error instanceof SyntaxError) || file === undefined) return undefined;
  const place = /\(line (\d+) column (\d+)\)/.exec(error.message);
  if (place) return { file, line: Number(place[1]), column: Number(place[2]) };
  if (!error.message.includes('end of JSON')) return undefined;
  const lines = readLines(join(folder, file));
  return { file, line: Math.max(1, lines.length), column: (lines.at(-1)?.length ?? 0) + 1 };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
