import { randomBytes } from 'node:crypto';
import { formatRequest, type HttpRequest, nearest, TocsinError } from '@tocsin/core';
import { Command } from 'commander';
import type { LoadedConfig } from '../config/config.ts';
import { urlOf } from '../config/listen.ts';
import { secretReference, storedSecrets } from '../config/secret-id.ts';
import { type Attempted, Sender } from '../deliver/sender.ts';
import { testSend } from '../deliver/test-send.ts';
import { Egress } from '../egress/egress.ts';
import { Guard } from '../egress/guard.ts';
import { signersOf } from '../egress/signer.ts';
import { Vault } from '../egress/vault.ts';
import { IntegrationPool } from '../integrations/pool.ts';
import { workerSetup } from '../integrations/setup.ts';
import { help } from '../notify/help.ts';
import { loadRegistry, type Registry } from '../registry.ts';
import { configOption, readConfig } from './files.ts';
import { oneLine } from './printable.ts';
import { print } from './with-host.ts';

interface NotifyOptions {
  config: string;
  address?: string;
  json?: boolean;
}

export function notifyCommand(): Command {
  return new Command('notify')
    .description('send a test message to a target, or, as the notification command of a monitor, tell a hub')
    .argument('<target>', 'the id of a target in the configuration')
    .option('--address <text>', 'whom to tell, where the target tells several')
    .option('--json', 'as JSON')
    .addOption(configOption())
    .addHelpText(
      'after',
      `
It needs no running host: the configuration is tried as the file has it now, before anything else uses it.
Exit codes: 0 delivered, 1 not delivered, 2 the configuration has faults.

As the notification command of a monitor:

${help()}`,
    )
    .action(notify);
}

async function notify(id: string, options: NotifyOptions): Promise<void> {
  const registry = await loadRegistry(readConfig(options.config));
  const known = [...registry.targets.keys()];
  const target = registry.targets.get(id);
  if (!target) throw unknownTarget(id, known);
  const [stored] = storedSecrets(target.secrets);
  if (stored !== undefined) throw notHere(id, stored);
  const tested = await tryTarget(registry, id, options.address);
  print(options, tested, () => [describe(id, tested)]);
  if (tested.result.outcome !== 'delivered') process.exitCode = 1;
}

/** With all that a host has for it, for one message. */
async function tryTarget(registry: Registry, id: string, address: string | undefined): Promise<Attempted> {
  const { config } = registry;
  const vault = new Vault(config.secrets);
  const { egress: rules } = config;
  const guard = new Guard({ allow: rules.allow, deny: rules.deny, own: () => [] });
  const only = {
    ...registry,
    sources: new Map(),
    targets: new Map([...registry.targets].filter(([one]) => one === id)),
  };
  const pool = new IntegrationPool({ setup: workerSetup(only, vault, new Map()), budget: 1_000 });
  const egress = new Egress({ config, guard, vault, signers: signersOf(registry, vault) });
  try {
    await pool.ready;
    const sender = new Sender({ registry, pool, egress, vault });
    const nonce = randomBytes(6).toString('hex');
    const to = { id, ...(address === undefined ? {} : { address }) };
    return await testSend(sender, to, { now: Date.now(), url: urlFor(config), nonce });
  } finally {
    await pool.close();
    await egress.close();
  }
}

function urlFor({ url, listen }: LoadedConfig): string {
  return url ?? urlOf(listen, listen.port);
}

function describe(id: string, { result, attempt, setUp, problems }: Attempted): string {
  const { request = null, response = null, duration = 0 } = attempt ?? {};
  const lines = [
    result.outcome === 'delivered'
      ? `${id} took it in ${duration} ms`
      : `${id} did not take it (${duration} ms): ${oneLine('reason' in result ? result.reason : result.outcome)}`,
    ...(setUp === undefined ? [] : [`→ ${setUp}`]),
    ...problems.map((problem) => `problem: ${oneLine(problem)}`),
    ...(request ? ['', formatRequest(request as HttpRequest).trimEnd()] : []), // as it was sent
    ...(response ? ['', `HTTP ${response.status}`, oneLine(response.body.slice(0, 500))] : []),
  ];
  return lines.join('\n').trimEnd();
}

/** The secret store is the running hub's alone. */
function notHere(id: string, secret: string): TocsinError {
  return new TocsinError('not-found', `${secretReference(secret)} of ${id} is known to the running hub alone`, {
    remedy: `Have the hub try it: POST /api/v1/targets/${id}/test`,
  });
}

function unknownTarget(id: string, known: readonly string[]): TocsinError {
  const meant = nearest(id, known);
  return new TocsinError('not-found', `there is no target ${id}${meant ? `; is ${meant} meant` : ''}`, {
    remedy: known.length > 0 ? `Name one of: ${known.join(', ')}.` : 'Add one to `targets`.',
  });
}
