import {
  type MediumName,
  mediumOf,
  type NotificationInput,
  renderNotification,
  type SourceTemplates,
  type TocsinError,
} from '@tocsin/core';
import { type Reader, viewText } from '@tocsin/message-view';
import type { Length, MediumText, Missing, Trouble } from './preview.ts';
import { framed, troublesOf } from './trouble.ts';

/** How much of a title and of a message a target takes. */
export interface KnownLimit {
  target: string;
  title?: number;
  message?: number;
}

/** Notes what templates say of themselves while they run: each thing once, whatever shows it. */
export class RenderNotes {
  readonly missing: Missing[] = [];
  readonly troubles: Trouble[] = [];
  /** The troubles' texts, as other parts of the suite tell them. */
  readonly told = new Set<string>();
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** What a render in this medium calls. */
  listen(medium: string) {
    return {
      onMissing: (path: string, place: { file: string; line: number; column: number }): void => {
        const { where, frame } = framed(place, this.#folder);
        const known = this.missing.find((one) => one.path === path && one.where === where);
        if (!known) this.missing.push({ path, where, media: [medium], ...(frame ? { frame } : {}) });
        else if (!known.media.includes(medium)) known.media.push(medium);
      },
      onProblem: (problem: TocsinError): void => {
        if (this.told.has(problem.toText())) return;
        this.told.add(problem.toText());
        this.troubles.push(...troublesOf(problem, this.#folder));
      },
    };
  }
}

/** A notification in a medium, whole: what a limit would cut is still there. */
export function textIn(
  medium: MediumName,
  input: NotificationInput,
  templates: SourceTemplates,
  { now, limits, notes }: { now: number; limits: readonly KnownLimit[]; notes: RenderNotes },
): MediumText {
  const { headline, title, message } = renderNotification(
    input,
    templates,
    { medium, limits: {} },
    { now, ...notes.listen(medium) },
  );
  const reader: Reader = { now: new Date(now), zone: 'UTC' };
  const view = {
    headline: viewText(medium, headline, reader),
    title: viewText(medium, title, reader),
    message: viewText(medium, message, reader),
  };
  return { medium, headline, title, message, view, lengths: lengthsOf(medium, { title, message }, limits) };
}

/** How long a title and a message are, as the medium counts. */
function lengthsOf(
  medium: MediumName,
  texts: { title: string; message: string },
  limits: readonly KnownLimit[],
): Length[] {
  return (['title', 'message'] as const).map((part) => ({
    part,
    length: mediumOf(medium).length(texts[part]),
    limits: limits.flatMap(({ target, [part]: limit }) => (limit === undefined ? [] : [{ target, limit }])),
  }));
}
