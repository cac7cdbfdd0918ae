import { z } from '@tocsin/core';
import { parsePath } from './path.ts';

const path = z.string().transform((text, context) => {
  const parsed = parsePath(text);
  if (parsed) return parsed;
  context.addIssue({
    code: 'custom',
    message: `${JSON.stringify(text)} is no path; write one like data.items[0].name`,
  });
  return z.NEVER;
});

const words = z.array(z.union([z.string(), z.number(), z.boolean()]).transform(String)).optional();

/** Each path is read from the alert, and from the whole body if the alert has nothing there. */
export const settings = z.strictObject({
  alerts: path.optional().describe('The list of alerts; without it a body that is a list is one'),
  title: path.optional().describe('What happened, in one line'),
  message: path.optional().describe('More about it'),
  link: path.optional().describe("The page about it in the sender's system"),
  status: path.optional().describe('The word for how it stands; `firing`, `resolved`, … below say what it means'),
  severity: path.optional().describe('How bad it is, in a word'),
  key: path.optional().describe('What makes alerts one group; without it each alert is its own'),
  fingerprint: path.optional().describe('What is the same in the firing and the resolved signal of one thing'),
  labels: z
    .union([path, z.record(z.string(), path)])
    .optional()
    .describe('Label names with their paths, or the path of an object of labels'),
  startedAt: path.optional().describe('When the problem began'),
  at: path.optional().describe('When this was sent; what is older than the last known is ignored'),
  deliveryId: path.optional().describe('What is the same when the sender repeats a request, and only then'),
  firing: words.describe('Words that mean it is a problem, such as [PROBLEM]'),
  resolved: words.describe('Words that mean it is over, such as [OK]'),
  acknowledged: words.describe('Words that mean somebody has it'),
  unacknowledged: words.describe('Words that mean nobody has it any more'),
  silenced: words.describe('Words that mean it is muted'),
  unsilenced: words.describe('Words that mean it is not muted any more'),
  notice: words.describe('Words that mean it is for information and changes nothing'),
});

export type Settings = z.infer<typeof settings>;
