import {
  type NotificationInput,
  outcomeOf,
  standardNotifications,
  standardNow,
  standardTemplates,
  type TargetIntegration,
} from '@tocsin/core';
import { checkAnswers } from './check-answers.ts';
import { lineDifference } from './difference.ts';
import { listFiles, readText } from './files.ts';
import { hostileRequestFaults } from './hostile.ts';
import { followFaults } from './lead.ts';
import { limitFaults } from './limits.ts';
import { firstOf, type Report } from './result.ts';
import { exampleSets, outcomeFaults, type ReadyTarget, readyTarget, runTargetCase, wordsOf } from './target-case.ts';

const update = 'If it is meant so, rewrite it with `tocsin test <id> --update` and read the difference.';

/** Builds the request of every standard notification, with the settings of each set of examples, and compares it. */
export async function checkTarget(integration: TargetIntegration, report: Report): Promise<void> {
  for (const examples of await exampleSets(integration.folder)) await checkExamples(integration, examples, report);
}

async function checkExamples(integration: TargetIntegration, examples: string, report: Report): Promise<void> {
  let target: ReadyTarget | undefined;
  await report.check(
    `${examples}/settings.json`,
    'examples',
    'Write settings that the schema takes, with made-up secrets.',
    async () => {
      target = await readyTarget(integration, examples);
      const known = Object.keys(standardNotifications).map((name) => `${name}.expected.http`);
      const files = await listFiles(`${integration.folder}/${examples}`);
      return files
        .filter((file) => file.endsWith('.http') && !known.includes(file))
        .map((file) => `${file} belongs to no standard notification`);
    },
  );
  if (!target) return;
  const ready = target;
  // What is wrong in the code is seen with these settings.
  const code = examples === 'examples' ? 'src/index.ts' : `${examples}/settings.json`;
  for (const [name, input] of Object.entries(standardNotifications)) {
    const file = `${examples}/${name}.expected.http`;
    const run = () => runTargetCase(ready, input, standardTemplates, standardNow);
    await report.check(file, 'request', update, async () => {
      const { text, faults } = run();
      const expected = await readText(integration.folder, file);
      if (expected === undefined) return [...faults, 'it is missing'];
      return expected === text
        ? faults
        : [...faults, `the request is another one now:\n${lineDifference(expected, text)}`];
    });
    await report.check(file, 'pure', 'Build the request from the notification and the settings alone.', () => {
      const before = JSON.stringify(input);
      const [first, second] = [run(), run()];
      const again = first.text === second.text ? [] : ['twice the same notification gives two requests'];
      return JSON.stringify(input) === before ? again : [...again, 'the notification was changed'];
    });
  }
  if (Object.values(standardNotifications).every((input) => isSent(ready, input)))
    await checkTexts(ready, code, report);
  await report.check(code, 'outcome', "Leave `outcome` out, or end it with core's `outcomeOf(response)`.", () =>
    outcomeFaults(ready, outcomeOf),
  );
  await checkAnswers(ready, examples, report);
  if (ready.ref !== undefined) {
    await report.check(code, 'ref', 'Use `ref` in `request`, or leave it out of `outcome`.', () =>
      usesRef(ready) ? [] : ['the handle that an answer gives changes nothing that is told next'],
    );
  }
}

function usesRef(target: ReadyTarget): boolean {
  const textOf = (given: ReadyTarget, input: NotificationInput) =>
    runTargetCase(given, input, standardTemplates, standardNow).text;
  return Object.values(standardNotifications).some(
    (input) => textOf(target, input) !== textOf({ ...target, ref: undefined }, input),
  );
}

/** Whether there is a request to look at; where not, the rule `request` has said so. */
function isSent(target: ReadyTarget, input: NotificationInput): boolean {
  try {
    wordsOf(runTargetCase(target, input, standardTemplates, standardNow).request);
    return true;
  } catch {
    return false;
  }
}

async function checkTexts(target: ReadyTarget, code: string, report: Report): Promise<void> {
  await report.check(
    code,
    'hostile',
    'Use `title` and `message` as they are; escape every other text for its place.',
    () =>
      firstOf(
        Object.entries(standardNotifications).flatMap(([name, input]) =>
          hostileRequestFaults(target, input, standardTemplates, standardNow).map((fault) => `${name}: ${fault}`),
        ),
      ),
  );
  await report.check(code, 'lead', 'Write them after the message, the time in UTC or as a number.', () =>
    followFaults(target),
  );
  await report.check(
    code,
    'limits',
    'Declare what the vendor takes in `limits`, and send `title` and `message` as they are.',
    () => limitFaults(target),
  );
}
