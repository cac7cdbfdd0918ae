import { type Field, fieldsOf } from './fields.ts';
import { type Guess, guessAbout } from './guess.ts';
import { decideIdentity, type IdentityDecision } from './identity.ts';
import { decideLabels, type LabelsDecision } from './labels.ts';
import { type DraftRequest, type Samples, samplesOf } from './samples.ts';
import { decideSeverity, type SeverityDecision } from './severity.ts';
import { decideStatus, type StatusDecision } from './status.ts';
import { decideTexts, type TextsDecision } from './texts.ts';
import { decideTimes, type TimesDecision } from './times.ts';

/** Everything that the files of a draft are written from. */
export interface Decisions {
  samples: Samples;
  status: StatusDecision;
  identity: IdentityDecision;
  severity: SeverityDecision | undefined;
  times: TimesDecision;
  labels: LabelsDecision;
  texts: TextsDecision;
  /** Fields beside a list of alerts that templates show, with the names that they have there. */
  outer: { name: string; field: Field }[];
  guesses: Guess[];
}

/** What the requests look like; each decision with its reason. */
export function decide(requests: readonly DraftRequest[]): Decisions {
  const samples = samplesOf(requests);
  const fields = fieldsOf(samples.list, samples.alertsAt !== undefined);
  const status = decideStatus(fields, samples.list);
  const identity = decideIdentity(fields, samples, status);
  const { severity, guesses: severityGuesses } = decideSeverity(fields, status);
  const { times, guesses: timeGuesses } = decideTimes(fields, samples, status);
  const { labels, guesses: labelGuesses } = decideLabels(fields, samples, identity, severity);
  const { texts, guesses: textGuesses } = decideTexts(fields, identity);
  const list = samples.alertsAt;
  return {
    samples,
    status,
    identity,
    // A label of that name is read without being asked for.
    severity: severity && isOwnLabel(severity, labels) ? undefined : severity,
    times,
    labels,
    texts,
    outer: outerOf([texts.title, texts.object, texts.message, texts.link]),
    guesses: [
      ...(list === undefined
        ? []
        : [guessAbout('alerts', `${list.join(' → ') || 'The body'} looks like a list of alerts.`)]),
      ...status.guesses,
      ...identity.guesses,
      ...labelGuesses,
      ...severityGuesses,
      ...timeGuesses,
      ...textGuesses,
    ],
  };
}

function isOwnLabel({ field, mapping }: SeverityDecision, { spread }: LabelsDecision): boolean {
  const own = spread.some(({ path }) => JSON.stringify([...path, 'severity']) === JSON.stringify(field.path));
  return own && mapping.size === 0;
}

function outerOf(shown: readonly (Field | undefined)[]): { name: string; field: Field }[] {
  const fields = new Set(shown.filter((field) => field?.of === 'payload') as Field[]); // without those that are undefined
  return [...fields].map((field) => ({ name: field.path.join('_').replace(/\W+/g, '_'), field }));
}
