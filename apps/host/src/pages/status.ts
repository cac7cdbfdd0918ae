import type { GroupStatus, Severity } from '@tocsin/core';
import { severities } from '@tocsin/core';
import { type Html, html } from './html.ts';

type Shown = GroupStatus | 'notice';

const statusWords: Record<Shown, string> = {
  firing: 'Firing',
  acknowledged: 'Acknowledged',
  silenced: 'Silenced',
  resolved: 'Resolved',
  notice: 'Notice',
};

/** A shape of its own for each, so that nobody has to tell them by colour. */
const shapes: Record<Shown, Html> = {
  firing: html`<path d="M8 1.2 15.4 14.4H.6z"/><path class="cut" d="M8 6v4M8 11.6v1.2"/>`,
  acknowledged: html`<circle cx="8" cy="8" r="6.2" class="line"/><circle cx="8" cy="8" r="2.8"/>`,
  silenced: html`<rect x="2" y="2" width="12" height="12" rx="2.5"/><path class="cut" d="M6.2 5.2v5.6M9.8 5.2v5.6"/>`,
  resolved: html`<path class="line" d="m2 8.6 4 4 8-9.2"/>`,
  notice: html`<circle cx="8" cy="8" r="6.6"/><path class="cut" d="M8 7.2v4M8 4.4v1.2"/>`,
};

/** The status in words with its shape. */
export function statusMark(status: Shown): Html {
  const shape = html`<svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">${shapes[status]}</svg>`;
  return html`<span class="status ${status}">${shape}${statusWords[status]}</span>`;
}

/** The severity in words with as many bars as it is bad. */
export function severityMark(severity: Severity): Html {
  const bars = severities.length - 1 - severities.indexOf(severity);
  const shape = [0, 1, 2, 3].map(
    (bar) =>
      html`<rect class="${bar < bars ? 'full' : 'line'}" x="${1 + bar * 4}" y="${10.5 - bar * 3}" width="2.6" height="${4 + bar * 3}"/>`,
  );
  const name = severity === 'unknown' ? 'severity unknown' : severity;
  return html`<span class="severity ${severity}"><svg viewBox="0 0 17 16" aria-hidden="true" focusable="false">${shape}</svg>${name}</span>`;
}
