import { relative } from 'node:path';
import type { TestedIntegration } from './test-report.ts';

/** GitHub keeps 64 KB of an annotation, and people read less. */
const longestMessage = 4_000;

/**
 * What fails, as GitHub's annotations on the files of a pull request.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-an-error-message
 */
export function annotations(tested: readonly TestedIntegration[], root: string): string {
  const lines = tested.flatMap(({ name, folder, results }) =>
    results
      .filter(({ ok }) => !ok)
      .map(({ file, rule, message, remedy }) => {
        const path = relative(root, `${folder}/${file}`).replaceAll('\\', '/');
        const text = `${message.slice(0, longestMessage).toWellFormed()}\n→ ${remedy}`;
        return `::error file=${escapeProperty(path)},title=${escapeProperty(`${name}: ${rule}`)}::${escapeData(text)}\n`;
      }),
  );
  return lines.join('');
}

/**
 * Text in which the runner looks for no commands: it takes `::set-output …` and the like from any line of a log.
 * `token` must not be known to whoever wrote the text.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#stopping-and-starting-workflow-commands
 */
export function withoutCommands(text: string, token: string): string {
  return `::stop-commands::${token}\n${text.endsWith('\n') ? text : `${text}\n`}::${token}::\n`;
}

// As GitHub's own: https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
