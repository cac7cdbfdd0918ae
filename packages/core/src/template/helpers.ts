import { isSame, isTrue } from './comparison.ts';
import { jsonOf } from './display.ts';
import { readProperty } from './lookup.ts';
import {
  bytes,
  capitalize,
  compare,
  date,
  duration,
  elementAt,
  entries,
  type HelperCall,
  includes,
  join,
  lengthOf,
  number,
  percent,
  replace,
  since,
  textAt,
  truncate,
  wholeNumber,
} from './operations.ts';

/** What people are told about a helper; `example` is run by the tests. */
export interface HelperDescription {
  /** `name value optional? repeated… option=` */
  usage: string;
  summary: string;
  example: { template: string; context: unknown; result: string };
}

/** A helper that gives a value. */
export interface ValueHelper extends HelperDescription {
  /** Whether it is there to be asked about what may be missing. */
  acceptsMissing?: true;
  run: (call: HelperCall) => unknown;
}

/** The blocks; the interpreter runs them. */
export const blockHelpers = {
  if: {
    usage: 'if value includeZero=',
    summary: 'Shows its content if the value is there and not empty, false or 0 (0 counts with includeZero=true).',
    example: { template: '{{#if a}}yes{{else if b}}or b{{else}}no{{/if}}', context: { b: true }, result: 'or b' },
  },
  unless: {
    usage: 'unless value includeZero=',
    summary: 'Shows its content if the value is missing, empty, false or 0.',
    example: { template: '{{#unless owner}}nobody{{/unless}}', context: {}, result: 'nobody' },
  },
  each: {
    usage: 'each listOrObject',
    summary: 'Shows its content for every element (this, @index, @first, @last) or field (this, @key); else if none.',
    example: {
      template: '{{#each hosts as |host|}}{{host}}{{#unless @last}}, {{/unless}}{{else}}none{{/each}}',
      context: { hosts: ['web-1', 'web-2'] },
      result: 'web-1, web-2',
    },
  },
  with: {
    usage: 'with value',
    summary: 'Shows its content with the value as `this`; else if there is none.',
    example: {
      template: '{{#with alert.labels}}{{job}}{{/with}}',
      context: { alert: { labels: { job: 'api' } } },
      result: 'api',
    },
  },
} as const satisfies Record<string, HelperDescription>;

export type BlockName = keyof typeof blockHelpers;

/** Every helper that gives a value. There are no others, and templates can't define any. */
export const valueHelpers = {
  eq: {
    usage: 'eq left right',
    summary: 'Whether two plain values are the same; a text is the same as a number that is written like it.',
    example: { template: '{{#if (eq code 5)}}five{{/if}}', context: { code: '5' }, result: 'five' },
    run: ({ values: [left, right] }) => isSame(left, right),
  },
  ne: {
    usage: 'ne left right',
    summary: 'Whether two plain values differ.',
    example: { template: '{{#if (ne status "ok")}}look{{/if}}', context: { status: 'down' }, result: 'look' },
    run: ({ values: [left, right] }) => !isSame(left, right),
  },
  gt: {
    usage: 'gt left right',
    summary: 'Whether left is greater: as numbers where both are, else as texts.',
    example: { template: '{{#if (gt load 0.9)}}high{{/if}}', context: { load: '0.95' }, result: 'high' },
    run: (call) => compare(call, (sign) => sign > 0),
  },
  gte: {
    usage: 'gte left right',
    summary: 'Whether left is greater or equal.',
    example: { template: '{{#if (gte firing 10)}}many{{/if}}', context: { firing: 10 }, result: 'many' },
    run: (call) => compare(call, (sign) => sign >= 0),
  },
  lt: {
    usage: 'lt left right',
    summary: 'Whether left is less.',
    example: { template: '{{#if (lt free 5)}}almost full{{/if}}', context: { free: 3.5 }, result: 'almost full' },
    run: (call) => compare(call, (sign) => sign < 0),
  },
  lte: {
    usage: 'lte left right',
    summary: 'Whether left is less or equal.',
    example: { template: '{{#if (lte replicas 1)}}alone{{/if}}', context: { replicas: 1 }, result: 'alone' },
    run: (call) => compare(call, (sign) => sign <= 0),
  },
  and: {
    usage: 'and first rest…',
    summary: 'The last value if all are true, else the first that is not.',
    example: {
      template: '{{#if (and host port)}}{{host}}:{{port}}{{/if}}',
      context: { host: 'db', port: 5432 },
      result: 'db:5432',
    },
    acceptsMissing: true,
    run: ({ values }) => values[values.findIndex((value, index) => !isTrue(value) || index === values.length - 1)],
  },
  or: {
    usage: 'or first rest…',
    summary: 'The first value that is true, else the last.',
    example: { template: '{{or summary description}}', context: { description: 'Disk full' }, result: 'Disk full' },
    acceptsMissing: true,
    run: ({ values }) => values.find(isTrue) ?? values.at(-1),
  },
  not: {
    usage: 'not value',
    summary: 'True if the value is missing, empty, false or 0.',
    example: { template: '{{#if (not runbook)}}no runbook{{/if}}', context: {}, result: 'no runbook' },
    acceptsMissing: true,
    run: ({ values: [value] }) => !isTrue(value),
  },
  default: {
    usage: 'default value fallback…',
    summary: 'The first value that is there and not an empty text; 0 and false are there.',
    example: { template: '{{default team "nobody"}}', context: { team: '' }, result: 'nobody' },
    acceptsMissing: true,
    run: ({ values }) => values.find((value) => value !== undefined && value !== null && value !== '') ?? values.at(-1),
  },
  upper: {
    usage: 'upper text',
    summary: 'In capital letters.',
    example: { template: '{{upper severity}}', context: { severity: 'critical' }, result: 'CRITICAL' },
    run: (call) => textAt(call, 0).toUpperCase(),
  },
  lower: {
    usage: 'lower text',
    summary: 'In small letters.',
    example: { template: '{{lower host}}', context: { host: 'WEB-1' }, result: 'web-1' },
    run: (call) => textAt(call, 0).toLowerCase(),
  },
  capitalize: {
    usage: 'capitalize text',
    summary: 'With a capital first letter.',
    example: { template: '{{capitalize status}}', context: { status: 'firing' }, result: 'Firing' },
    run: capitalize,
  },
  trim: {
    usage: 'trim text',
    summary: 'Without white space around it.',
    example: { template: '[{{trim output}}]', context: { output: ' OK \n' }, result: '[OK]' },
    run: (call) => textAt(call, 0).trim(),
  },
  truncate: {
    usage: 'truncate text length',
    summary: 'At most so many visible characters, the last of them "…" if something was cut off.',
    example: { template: '{{truncate output 8}}', context: { output: 'Disk is full' }, result: 'Disk is…' },
    run: truncate,
  },
  includes: {
    usage: 'includes text part',
    summary: 'Whether a text holds another, small and capital letters alike; every text holds an empty one.',
    example: {
      template: '{{title}}{{#unless (includes title host)}} ({{host}}){{/unless}}',
      context: { title: 'Disk full', host: 'db-1' },
      result: 'Disk full (db-1)',
    },
    run: includes,
  },
  replace: {
    usage: 'replace text search replacement',
    summary: 'With every occurrence of a text (not a pattern) replaced.',
    example: { template: '{{replace host ".example.com" ""}}', context: { host: 'db.example.com' }, result: 'db' },
    run: replace,
  },
  join: {
    usage: 'join list separator?',
    summary: 'The elements with a text between, ", " unless given; empty elements are left out.',
    example: { template: '{{join hosts " and "}}', context: { hosts: ['a', 'b'] }, result: 'a and b' },
    run: join,
  },
  first: {
    usage: 'first list',
    summary: 'The first element.',
    example: { template: '{{first hosts}}', context: { hosts: ['a', 'b'] }, result: 'a' },
    run: (call) => elementAt(call, 0),
  },
  last: {
    usage: 'last list',
    summary: 'The last element.',
    example: { template: '{{last hosts}}', context: { hosts: ['a', 'b'] }, result: 'b' },
    run: (call) => elementAt(call, -1),
  },
  length: {
    usage: 'length value',
    summary: 'How many elements a list, fields an object or characters a text has.',
    example: { template: '{{length alerts}} alerts', context: { alerts: [{}, {}] }, result: '2 alerts' },
    run: lengthOf,
  },
  lookup: {
    usage: 'lookup listOrObject key',
    summary: 'The element or field whose number or name is itself a value.',
    example: {
      template: '{{lookup labels name}}',
      context: { labels: { team: 'core' }, name: 'team' },
      result: 'core',
    },
    run: (call) => readProperty(call.values[0], textAt(call, 1)),
  },
  entries: {
    usage: 'entries object',
    summary: 'The fields as a list of {key, value}, sorted by key.',
    example: {
      template: '{{#each (entries labels)}}{{key}}={{value}} {{/each}}',
      context: { labels: { job: 'api', env: 'prod' } },
      result: 'env=prod job=api ',
    },
    run: entries,
  },
  date: {
    usage: 'date time format? zone=',
    summary:
      'A time as "iso" (the default), "date", "time" or "datetime", in the time zone of the render or in `zone`.',
    example: {
      template: '{{date at "datetime" zone="Europe/Berlin"}}',
      context: { at: 1_764_000_000 },
      result: '2025-11-24 17:00 CET',
    },
    run: date,
  },
  since: {
    usage: 'since time',
    summary: 'How long ago a time was, in words.',
    example: { template: 'for {{since startedAt}}', context: { startedAt: 1_764_000_000 }, result: 'for 2 h 5 min' },
    run: since,
  },
  duration: {
    usage: 'duration milliseconds end?',
    summary: 'A length of time in words; given two times, the time between them.',
    example: { template: '{{duration 7500000}}', context: {}, result: '2 h 5 min' },
    run: duration,
  },
  number: {
    usage: 'number value digits=',
    summary: 'A number with thousands separated, rounded to at most `digits` (3) digits after the point.',
    example: { template: '{{number rows digits=1}}', context: { rows: 1234567.891 }, result: '1,234,567.9' },
    run: number,
  },
  percent: {
    usage: 'percent ratio digits=',
    summary: 'A ratio (1 is 100 %) with at most `digits` (1) digits after the point.',
    example: { template: '{{percent used}}', context: { used: 0.9534 }, result: '95.3%' },
    run: percent,
  },
  bytes: {
    usage: 'bytes value digits=',
    summary: 'A number of bytes in units of 1024, with at most `digits` (1) digits after the point.',
    example: { template: '{{bytes free}}', context: { free: 1610612736 }, result: '1.5 GiB' },
    run: bytes,
  },
  json: {
    usage: 'json value indent=',
    summary: 'The value as JSON, on one line unless `indent` is given.',
    example: { template: '{{json labels}}', context: { labels: { job: 'api' } }, result: '{"job":"api"}' },
    run: (call) => jsonOf(call.values[0], call.meter, wholeNumber(call, call.options.indent ?? 0, '`indent`', 0, 8)),
  },
} as const satisfies Record<string, ValueHelper>;

export type HelperName = keyof typeof valueHelpers;
