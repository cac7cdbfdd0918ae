import { type Fault, type SourceIntegration, z } from '@tocsin/core';
import { faultAt, type LoadedConfig } from '../config/config.ts';
import { withOpenValues } from '../open-settings.ts';

/** What an operator gives for a monitor that is told by its command file. */
export const commandFileSettings = z.strictObject({
  commandFile: z.string().min(1).describe('The `command_file` of the monitor, a named pipe'),
  statusFile: z.string().min(1).describe('Its `status_file`, which shows what it did'),
});

export type CommandFileSettings = z.output<typeof commandFileSettings>;

/** What is known of how a source's vendor is told; nothing where the operator didn't turn it on. */
export function readWriteBack(
  config: LoadedConfig,
  faults: Fault[],
  index: number,
  { id, definition }: SourceIntegration,
  written: Record<string, unknown> | undefined,
): unknown {
  if (written === undefined) return undefined;
  const path = ['sources', index, 'writeBack'];
  const { writeBack } = definition;
  if (!writeBack) {
    faults.push(faultAt(config, path, `${id} can't be told what people do; remove \`writeBack\``));
    return undefined;
  }
  const schema = schemaOf(writeBack);
  const parsed = schema.safeParse(withOpenValues(written, schema, config.secrets));
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    const inner = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
    faults.push(faultAt(config, [...path, ...inner], issue.message));
  }
  return undefined;
}

export function schemaOf(writeBack: NonNullable<SourceIntegration['definition']['writeBack']>): z.ZodType {
  return writeBack.kind === 'http' ? writeBack.settings : commandFileSettings;
}

/** How the door knows a source's monitor: no target has a space in its id. */
export function monitorOf(source: string): string {
  return `source ${source}`;
}
