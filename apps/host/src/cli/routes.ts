import { TocsinError } from '@tocsin/core';
import { formatMatcher, type Labels } from '@tocsin/engine';
import { Command } from 'commander';
import type { LoadedConfig } from '../config/config.ts';
import { explainer, lineIn, placeOf } from '../why/ways.ts';
import { configOption, readConfig } from './files.ts';
import { labelText, routeLine } from './why.ts';
import { print } from './with-host.ts';

interface RoutesOptions {
  config: string;
  labels?: string[];
  json?: boolean;
}

export function routesCommand(): Command {
  return new Command('routes')
    .description('print the routes of the configuration, or how an alert would go through them')
    .addOption(configOption())
    .option('--labels <pairs...>', 'of an alert: severity=critical,team=db; `\\,` stands for a comma in a value')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nThe configuration is read from the file: no host has to run. Routes see `tocsin_source`, `tocsin_severity` and' +
        '\n`tocsin_key` too; give them as labels if a matcher names them. Exit codes: 0, or 1 where nobody would be told.',
    )
    .action((options: RoutesOptions) => {
      const config = readConfig(options.config);
      if (options.labels === undefined) return list(config, options);
      return tryOut(config, readLabels(options.labels), options);
    });
}

/** Every route and channel, as if each of them matched. */
function list({ routes, channels, at }: LoadedConfig, options: RoutesOptions): void {
  type Routes = LoadedConfig['routes'];
  const all = (level: Routes, prefix: string): [path: string, route: Routes[number]][] =>
    level.flatMap((route, index) => {
      const path = `${prefix}routes[${index}]`;
      return [[path, route], ...all(route.routes ?? [], `${path}.`)];
    });
  const view = [
    ...all(routes, '').map(([path, { match, to, continue: goesOn = false }]) => ({
      path,
      line: at(path).line,
      matchers: match.map(formatMatcher),
      targets: to.map(({ target }) => target),
      continue: goesOn,
    })),
    ...channels.map(({ id, match, subscriptions }, index) => ({
      path: `channels[${id}]`,
      line: at(['channels', index]).line,
      matchers: match.map(formatMatcher),
      targets: subscriptions.map(({ target }) => target),
      continue: true,
    })),
  ];
  print(options, view, () =>
    view.map((one) => {
      const { path, matchers, targets } = one;
      const indent = '  '.repeat(path.split('.').length - 1);
      const what = matchers.length === 0 ? 'everything' : matchers.join(', ');
      const whom = targets.length === 0 ? '' : ` → ${targets.join(', ')}`;
      const goesOn = one.continue && path.includes('routes[') ? '; continues' : '';
      return `${indent}${placeOf(one)}  ${what}${whom}${goesOn}`;
    }),
  );
}

function tryOut({ routes, channels, at }: LoadedConfig, labels: Labels, options: RoutesOptions): void {
  const tried = explainer({ routes, channels, lineOf: (path) => lineIn({ channels, at }, path) })(labels);
  const told = [...new Set(tried.flatMap(({ subscriptions }) => subscriptions))];
  if (told.length === 0) process.exitCode = 1;
  print(options, { labels, routes: tried, told }, () => [
    `${labelText(labels)} → ${told.length === 0 ? 'nobody' : told.join(', ')}`,
    ...tried.map(routeLine),
  ]);
}

/** `severity=critical,team=db`, also in several words. */
function readLabels(words: readonly string[]): Labels {
  const pairs = words.flatMap((word) => word.split(/(?<!\\),/).filter((pair) => pair.trim() !== ''));
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, name, value] = /^\s*([^=\s]+)\s*=(.*)$/s.exec(pair) ?? [];
      if (name !== undefined && value !== undefined)
        return [name, value.replaceAll('\\,', ',').replace(/^"(.*)"$/s, '$1')];
      throw new TocsinError('config', `${JSON.stringify(pair)} is no label`, {
        remedy: 'Write labels as name=value, with commas between them: severity=critical,team=db.',
      });
    }),
  );
}
