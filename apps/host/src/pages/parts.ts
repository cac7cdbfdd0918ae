import type { Labels } from '@tocsin/core';
import { type Html, type HtmlValue, html, linkTarget } from './html.ts';

export interface Column<Row> {
  name: string;
  cell: (row: Row) => HtmlValue;
  /** The one that names the row. */
  isHeader?: boolean;
}

/** A table that stays one for assistive technology when narrow screens show its rows as blocks. */
export function table<Row>(caption: string, columns: readonly Column<Row>[], rows: readonly Row[]): Html {
  const cell = ({ name, cell, isHeader }: Column<Row>, row: Row) =>
    isHeader
      ? html`<th scope="row" role="rowheader" data-name="${name}">${cell(row)}</th>`
      : html`<td role="cell" data-name="${name}">${cell(row)}</td>`;
  return html`<table role="table">
<caption>${caption}</caption>
<thead role="rowgroup"><tr role="row">${columns.map(({ name }) => html`<th scope="col" role="columnheader">${name}</th>`)}</tr></thead>
<tbody role="rowgroup">
${rows.map((row) => html`<tr role="row">${columns.map((column) => cell(column, row))}</tr>\n`)}</tbody>
</table>`;
}

/** Labels as a list of `name = value`; addresses of web pages are links. */
export function labelList(labels: Labels, without: readonly string[] = []): Html | undefined {
  const entries = Object.entries(labels).filter(([name]) => !without.includes(name));
  if (entries.length === 0) return undefined;
  const items = entries.map(
    ([name, value]) => html`<li><bdi>${name}</bdi><span class="equals">=</span><bdi>${linked(value)}</bdi></li>`,
  );
  return html`<ul class="labels" role="list" aria-label="Labels">${items}</ul>`;
}

function linked(value: string): HtmlValue {
  const target = linkTarget(value);
  return target === undefined ? value : html`<a href="${target}" rel="noopener noreferrer nofollow">${value}</a>`;
}

/** The labels that all of these have with the same value. */
export function sharedLabels(all: readonly Labels[]): Labels {
  const [first = {}, ...others] = all;
  return Object.fromEntries(
    Object.entries(first).filter(([name, value]) => others.every((labels) => labels[name] === value)),
  );
}

/** The labels that vendors name an alert by, best first. */
const nameLabels = ['alertname', 'title', 'name', 'check', 'monitor', 'rule', 'summary'];

/** What to call an alert, and the label that says so. */
export function alertName(labels: Labels): { name: string; label: string } | undefined {
  const label = nameLabels.find((candidate) => Object.hasOwn(labels, candidate) && labels[candidate]?.trim());
  return label === undefined ? undefined : { name: labels[label] as string, label };
}

/** What to call a group: by its labels, else by its key, which may be JSON. */
export function groupName({ labels, key }: { labels: Labels; key: string }): { name: string; label?: string } {
  return alertName(labels) ?? { name: readableKey(key) };
}

/** `{"job":"backup","host":"db-1"}` → `job=backup host=db-1` */
export function readableKey(key: string): string {
  if (!key.startsWith('{')) return key;
  try {
    const parts = Object.entries(JSON.parse(key) as object).map(
      ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
    );
    return parts.join(' ') || key;
  } catch {
    return key;
  }
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
