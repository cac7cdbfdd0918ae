import { readFileSync } from 'node:fs';
import { type Fault, formatFault, TocsinError } from '@tocsin/core';
import { Command } from 'commander';
import { stringify } from 'yaml';
import type { Path } from '../../config/path.ts';
import { matchersOf, nameOf } from './keptn-channel.ts';
import { knownKeys, type Subscription, subscriptions, type Webhook, webhookConfig } from './keptn-config.ts';
import { toTarget, type WebhookTarget } from './keptn-request.ts';
import { readYaml } from './yaml-file.ts';

export function keptnCommand(): Command {
  return new Command('keptn')
    .description('the webhooks of Keptn, as targets and channels')
    .argument('<file>', 'webhook.yaml, of webhookconfig.keptn.sh/v1alpha1 or v1beta1')
    .option(
      '--subscriptions <file>',
      'the subscriptions in JSON, as Keptn’s API gives them; without it no filter is known',
    )
    .addHelpText('after', '\nExit codes: 0 all of it is there, 1 what standard error lists is not.')
    .action(importKeptn);
}

/** What becomes of it, and what doesn't. */
export interface Imported {
  /** A part of a configuration, as YAML. */
  text: string;
  warnings: Fault[];
}

interface ImportedTarget extends WebhookTarget {
  id: string;
  use: 'webhook';
}

interface ImportedChannel {
  id: string;
  match: string[];
  subscriptions: { name: string; target: string; events: string[] }[];
}

/** All that the source `keptn` makes of events; people act on none of them in Keptn. */
const events = ['firing', 'updated', 'resolved', 'notice'];

/** Throws a TocsinError with every fault of a file that can't be read. */
export function convertKeptn(file: string, text: string, filters?: { file: string; text: string }): Imported {
  const config = readYaml(file, text, webhookConfig);
  const known = filters && readYaml(filters.file, filters.text, subscriptions).content;
  const warnings: Fault[] = [];
  const warn = (path: Path, message: string) => void warnings.push(config.fault(path, message));
  warnOfOthers(config.content, knownKeys.config, [], warn);
  warnOfOthers(config.content.spec, knownKeys.spec, ['spec'], warn);
  const targets: ImportedTarget[] = [];
  const channels: ImportedChannel[] = [];
  for (const [index, webhook] of config.content.spec.webhooks.entries()) {
    const path = ['spec', 'webhooks', index];
    const subscription = subscriptionOf(webhook, known, path, warn);
    warnOfWebhook(webhook, path, warn);
    const event = subscription?.event ?? webhook.type;
    const id = freeId(nameOf(event), channels);
    const told = webhook.requests.flatMap((request, number) => {
      const at = [...path, 'requests', number];
      if (typeof request !== 'string') warnOfOthers(request, knownKeys.request, at, warn);
      const target = toTarget(request, webhook.envFrom, (what) => warn(at, `not carried over: ${what}`));
      return target ? [target] : [];
    });
    const ids = told.map((target) => {
      const own = freeId(id, targets);
      targets.push({ id: own, use: 'webhook', ...target });
      return own;
    });
    if (ids.length === 0) continue;
    const name = webhook.subscriptionID ?? id;
    channels.push({
      id,
      match: matchersOf(event, subscription?.filter),
      subscriptions: ids.map((target, number) => ({
        name: number === 0 ? name : `${name} ${number + 1}`,
        target,
        events,
      })),
    });
  }
  return { text: stringify({ targets, channels }, { lineWidth: 0, aliasDuplicateObjects: false }), warnings };
}

function importKeptn(file: string, options: { subscriptions?: string }): void {
  const filters = options.subscriptions;
  const { text, warnings } = convertKeptn(
    file,
    read(file),
    filters ? { file: filters, text: read(filters) } : undefined,
  );
  process.stdout.write(text);
  for (const warning of warnings) process.stderr.write(`warning: ${formatFault(warning)}\n`);
  if (filters === undefined) {
    process.stderr.write('note: without --subscriptions the channels match every project, stage and service.\n');
  }
  if (warnings.length > 0) process.exitCode = 1;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    throw new TocsinError('config', `it can't be read${code}`, { origin: file, remedy: 'Correct the path.', cause });
  }
}

function subscriptionOf(
  { subscriptionID, type }: Webhook,
  known: readonly Subscription[] | undefined,
  path: Path,
  warn: (path: Path, message: string) => void,
): Subscription | undefined {
  const found = known?.find(({ id }) => id === subscriptionID);
  if (known && !found) {
    warn(
      [...path, 'subscriptionID'],
      `no subscription has the id ${subscriptionID ?? '(none)'}; its channel has no filter`,
    );
  }
  if (found && found.event !== type) {
    warn([...path, 'type'], `its subscription is to ${found.event}, and that is what is taken`);
  }
  return found;
}

function warnOfWebhook(webhook: Webhook, path: Path, warn: (path: Path, message: string) => void): void {
  const { type, sendStarted = true, sendFinished = false, envFrom, requests } = webhook;
  warnOfOthers(webhook, knownKeys.webhook, path, warn);
  if (requests.length > 1) {
    warn(
      [...path, 'requests'],
      'they were sent in turn, until one failed; here each is sent whatever becomes of the others',
    );
  }
  // Of other events Keptn's service says nothing.
  if (type.endsWith('.triggered') && (sendStarted || sendFinished)) {
    const said = [...(sendStarted ? ['started'] : []), ...(sendFinished ? ['finished'] : [])].join(' and ');
    warn(path, `Keptn was sent ${said} events, and a task waits for them; nothing is sent to Keptn here`);
  }
  for (const [index, { name, secretRef }] of envFrom.entries()) {
    const earlier = envFrom.slice(0, index).find((one) => one.name === name);
    if (!earlier || (earlier.secretRef.name === secretRef.name && earlier.secretRef.key === secretRef.key)) continue;
    const [first, second] = [earlier.secretRef, secretRef].map((one) => `${one.name}/${one.key}`);
    warn([...path, 'envFrom', index], `${name} is both ${first} and ${second}; the last is taken, as Keptn does`);
  }
}

/** What nobody looks at is said, not dropped. */
function warnOfOthers(
  value: object,
  known: readonly string[],
  path: Path,
  warn: (path: Path, message: string) => void,
): void {
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) warn([...path, key], 'not carried over: a key that is not known here');
  }
}

function freeId(name: string, taken: readonly { id: string }[]): string {
  let id = name;
  for (let number = 2; taken.some((one) => one.id === id); number++) id = `${name}-${number}`;
  return id;
}
