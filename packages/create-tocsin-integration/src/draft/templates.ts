import { objectOf, type TemplateField } from '@tocsin/core';
import type { Decisions } from './decisions.ts';
import type { Field } from './fields.ts';
import { isObject, readPath } from './samples.ts';

/** The texts of the templates, which an operator's own come before. */
export function printTemplates(
  decisions: Decisions,
  own: Partial<Record<TemplateField, string>>,
): Record<string, string> {
  const { texts, outer, identity, labels } = decisions;
  const path = (field: Field) => {
    const named = outer.find((entry) => entry.field === field);
    return ['payload', ...(named ? [named.name] : field.path).map(segment)].join('.');
  };
  const { message, link } = texts;
  const shown = [texts.title, ...identity.problems, ...identity.objects].filter((field) => field?.of === 'alert');
  const choices = [...new Set(texts.title ? [texts.title, ...shown] : shown)].slice(0, 3) as Field[];
  const paths = choices.map(path);
  const named = paths.length > 0 ? `default ${paths.join(' ')} fingerprint` : 'fingerprint';
  const words = paths.length > 0 ? `default ${paths.join(' ')} (truncate group.key 80)` : 'truncate group.key 80';
  const hasLabels = labels.spread.length + labels.fields.length > 0;
  const blocks = [
    ...(message ? [`{{${path(message)}}}`] : []),
    `{{#if (gt (length group.alerts) 1)}}\n{{#each group.alerts}}\n- {{capitalize status}}: {{${named}}}\n{{/each}}\n{{/if}}`,
    ...(hasLabels
      ? ['{{#each (entries alert.labels)}}{{#unless (eq key "severity")}}`{{key}}={{value}}` {{/unless}}{{/each}}']
      : []),
  ];
  blocks.push('{{#unless (eq group.status "resolved")}}Since {{date alert.startedAt "datetime"}}{{/unless}}');
  const drafted = {
    title: titleOf(words, decisions, path),
    message: blocks.join('\n\n'),
    link: `{{${link ? path(link) : 'group.url'}}}`,
  };
  return Object.fromEntries(
    Object.entries({ ...drafted, ...own }).map(([field, text]) => [`templates/${field}.hbs`, `${text.trimEnd()}\n`]),
  );
}

/** The words, and behind them what they are about: as the labels say it, else the payload. */
function titleOf(
  words: string,
  { texts: { object }, labels, samples }: Decisions,
  path: (field: Field) => string,
): string {
  const [first] = samples.list;
  const own = labels.fields.map(({ name, field }) => [name, String(field.values[0] ?? '')] as const);
  const spread = labels.spread.flatMap(({ of, path }) => {
    const values = readPath(first?.[of], path);
    return isObject(values) ? Object.entries(values).map(([name, value]) => [name, String(value)] as const) : [];
  });
  const about = objectOf(Object.fromEntries([...spread, ...own])) === '' ? object && path(object) : 'alert.object';
  if (about === undefined) return `{{${words}}}`;
  return `{{#with (${words})}}{{this}}{{#unless (includes this ../${about})}} ({{../${about}}}){{/unless}}{{/with}}`;
}

function segment(key: string): string {
  return /^[A-Za-z_][\w]*$/.test(key) ? key : `[${key}]`;
}
