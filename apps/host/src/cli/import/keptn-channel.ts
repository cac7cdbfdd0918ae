import { formatMatcher } from '@tocsin/engine';
import type { Subscription } from './keptn-config.ts';

/**
 * Matchers, on the labels of the source `keptn`, of the events that a subscription is about; empty lists of its filter
 * stand for all. https://github.com/keptn/spec/blob/0.2.4/cloudevents.md
 */
export function matchersOf(event: string, filter: Subscription['filter'] | undefined): string[] {
  const { projects = [], stages = [], services = [] } = filter ?? {};
  return [
    ...eventMatchers(event),
    ...oneOf('project', projects),
    ...oneOf('stage', stages),
    ...oneOf('service', services),
  ];
}

/** `evaluation.finished` of a type, as words for an id. */
export function nameOf(event: string): string {
  const name = event
    .replace(/^sh\.keptn\.events?\./, '')
    .replace(/\.?[>*]$/, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return `keptn-${name || 'events'}`.slice(0, 56).replace(/-$/, '');
}

function eventMatchers(event: string): string[] {
  const [, name] = /^sh\.keptn\.event\.(.+)$/.exec(event) ?? [];
  if (name === undefined) return equal('type', event);
  if (name === '>' || name === '*')
    return [formatMatcher({ name: 'type', op: '=~', value: 'sh\\.keptn\\.event\\..+' })];
  const [, what = name, suffix = ''] =
    /^(.+)\.(triggered|started|status\.changed|finished|invalidated|>|\*)$/.exec(name) ?? [];
  const ending = /^[>*]?$/.test(suffix) ? [] : equal('suffix', suffix);
  const [stage = '', sequence, ...more] = what.split('.');
  // `project.create` and the like are no sequences of a stage.
  const isSequence = sequence !== undefined && more.length === 0 && !/^(project|service|monitoring)$/.test(stage);
  return isSequence
    ? [...equal('stage', stage), ...equal('sequence', sequence), ...ending]
    : [...equal('task', what), ...ending];
}

function equal(name: string, value: string): string[] {
  return [formatMatcher({ name, op: '=', value })];
}

function oneOf(name: string, values: readonly string[]): string[] {
  if (values.length <= 1) return values.flatMap((value) => equal(name, value));
  const value = values.map((one) => one.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|');
  return [formatMatcher({ name, op: '=~', value })];
}
