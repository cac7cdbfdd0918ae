import type { ViewNode } from '@tocsin/message-view';
import type { CheckResult, Quality } from '@tocsin/testkit';

/** All that the page shows, as data: it makes text nodes of every text in here. */
export interface Snapshot {
  /** Counts the changes that were seen, from 1. */
  run: number;
  /** When it was ready, ISO 8601. */
  at: string;
  /** Milliseconds from the change on disk until it was ready. */
  took: number;
  /** Why the package can't be shown as it is now; `preview` is then the last that could be. */
  troubles: Trouble[];
  preview?: Preview;
  /** Not there while the suite still runs. */
  checks?: Checks;
}

/** What the conformance suite says. */
export interface Checks {
  results: CheckResult[];
  quality: Quality;
}

/** Something that went wrong, where, and what to do. */
export interface Trouble {
  /** `examples/firing.json`, `templates/title.hbs:3:5`, `target slack`. */
  where: string;
  message: string;
  remedy?: string;
  frame?: Frame;
}

/** The lines around a place in a file. */
export interface Frame {
  file: string;
  /** Both from 1. */
  line: number;
  column: number;
  /** Consecutive; `first` is the number of the first. */
  first: number;
  lines: string[];
}

export interface Preview {
  kind: 'source' | 'target';
  /** The npm package's name. */
  name: string;
  version: string;
  title: string;
  summary: string;
  docs: string;
  folder: string;
  /** Every medium that a text is shown in, in core's order. */
  media: string[];
  cases: CasePreview[];
  howto: ViewNode[];
  /** Local targets that can't be used for requests. */
  troubles: Trouble[];
}

/** An example of a source, or a standard notification of a target. */
export interface CasePreview {
  name: string;
  origin?: { text: string; url?: string };
  /** The example's file, as it is. */
  payload?: string;
  alerts: AlertPreview[];
  /** Alerts of the example that can't be read. */
  rejected: string[];
  /** One for each group. */
  tellings: Telling[];
  expected: Expected;
  /** Why there is nothing to see, or why it isn't as it should be. */
  troubles: Trouble[];
  /** What templates read and the payload lacks. */
  missing: Missing[];
}

export interface AlertPreview {
  status: string;
  severity: string;
  fingerprint: string;
  group: string;
  labels: [name: string, value: string][];
  /** Named moments, and what else the source read. */
  facts: [name: string, value: string][];
}

/** How one group is told. */
export interface Telling {
  group: string;
  link?: string;
  image?: string;
  texts: MediumText[];
  requests: RequestPreview[];
}

/** A notification in one medium. */
export interface MediumText {
  medium: string;
  /** The exact texts. */
  headline: string;
  title: string;
  message: string;
  /** The same as its readers see them. */
  view: { headline: ViewNode[]; title: ViewNode[]; message: ViewNode[] };
  lengths: Length[];
}

/** How long a text is, as its medium counts, and how much of it known targets take. */
export interface Length {
  part: 'title' | 'message';
  length: number;
  limits: { target: string; limit: number }[];
}

export interface RequestPreview {
  target: string;
  medium: string;
  /** The exact request, readable. */
  text: string;
  curl: string;
  /** Of its body. */
  bytes: number;
  /** What people see of it, where the medium's requests can be drawn. */
  view: ViewNode[];
  lengths: Length[];
  troubles: Trouble[];
}

export interface Expected {
  file: string;
  /** The lines that differ, as `diff` shows them; none where all is as expected. */
  difference?: string;
  /** What makes the file what it would be now. */
  command: string;
}

/** A field that a template names and a payload lacks. */
export interface Missing {
  path: string;
  /** Those in whose text it is missing. */
  media: string[];
  where: string;
  frame?: Frame;
}
