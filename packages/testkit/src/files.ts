import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exactJson } from '@tocsin/core';

/** The names of a folder's files, sorted; none if there is no such folder. */
export async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort();
}

/** The names of the folders within one, sorted; none if there is no such folder. */
export async function listFolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort();
}

/** Undefined if there is no such file. */
export async function readText(...path: string[]): Promise<string | undefined> {
  try {
    return await readFile(join(...path), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** As a host reads it. Throws a SyntaxError that names the file. */
export function parseJson(text: string, file: string): unknown {
  try {
    return exactJson(text);
  } catch (error) {
    throw new SyntaxError(`${file} is not JSON: ${error instanceof Error ? error.message : error}`);
  }
}
