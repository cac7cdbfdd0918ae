import type { FoundParts, PartName, Parts } from './parts.ts';

/** A reason for which Slack turns a message away. */
export interface Rule {
  name: string;
  /** The string that Slack answers with. */
  error: string;
  status: number;
  /** The vendor's page that the rule rests on. */
  source: string;
  /** What that page says. */
  says: string;
  /** The first place that breaks the rule. */
  broken(found: FoundParts): { at: string; inAttachment: boolean } | undefined;
}

/** A rule about one kind of place. */
export function rule<Name extends PartName>(
  part: Name,
  { refuses, ...facts }: Omit<Rule, 'broken'> & { refuses: (value: Parts[Name]) => boolean },
): Rule {
  return { ...facts, broken: (found) => found[part].find(({ value }) => refuses(value)) };
}
