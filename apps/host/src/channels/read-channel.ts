import { type Fault, TocsinError } from '@tocsin/core';
import type { Channel } from '@tocsin/engine';
import { z } from 'zod';
import { channel } from '../config/channel.ts';
import { toChannel } from '../config/channels.ts';
import { checkChannels } from '../config/check-channels.ts';
import type { LoadedConfig } from '../config/config.ts';
import type { Finding } from '../config/finding.ts';
import { formatPath } from '../config/path.ts';
import { readAs } from '../config/shape.ts';
import { isOfStates } from '../config/subscription.ts';
import { Wordings } from '../config/wordings.ts';
import { addressFaults, type Registry } from '../registry.ts';

export interface ReadChannel {
  /** As the engine takes it; nothing where its form is not that of a channel. */
  channel: Channel | undefined;
  /** What is wrong, with paths that begin at the channel: `subscriptions[0].target`. */
  faults: Fault[];
}

/** A channel that doesn't come from the config file, held against everything that holds for one there. */
export function readChannel(written: unknown, config: LoadedConfig, targets: Registry['targets']): ReadChannel {
  const around = {
    targets: [...targets].map(([id, { config: one }]) => ({
      id,
      ...(one.addresses ? { addresses: one.addresses } : {}),
    })),
    timeIntervals: config.timeIntervals,
    channels: [written],
    // The checks ask no more than whether there are any; their own entries were looked at in the file.
    ...(Object.keys(config.defaults.states).length > 0 ? { defaults: { states: {} } } : {}),
  };
  const read = readAs(z.object({ channels: z.array(channel) }), { channels: [written] }, around);
  const checked = checkChannels({ resolved: around, written: around, secrets: new Map(), listen: undefined });
  const [given] = read.shape?.channels ?? [];
  const wordings = new Wordings();
  const allowed = new Map([...targets].map(([id, { config: one }]) => [id, one.addresses ?? []]));
  const compiled = given && toChannel(given, config.defaults.states, ['channels', 0], { allowed, wordings });
  const inFile: Finding[] = wordings.all().map(({ path }) => ({
    path,
    message: 'is read from the config file alone; write the channel there, or leave its templates out',
  }));
  const addresses = (compiled?.subscriptions ?? []).flatMap((to, index): Finding[] =>
    addressFaults(targets.get(to.target), to.address).map((message) => ({
      path: ['channels', 0, ...(isOfStates(to) ? ['states'] : ['subscriptions', index, 'address'])],
      message,
    })),
  );
  const faults = [...read.faults, ...checked, ...addresses, ...inFile].map(toFault);
  return { channel: compiled, faults };
}

/** Throws a TocsinError `payload` with all faults. */
export function acceptChannel(written: unknown, config: LoadedConfig, targets: Registry['targets']): Channel {
  const { channel: read, faults } = readChannel(written, config, targets);
  if (read && faults.length === 0) return read;
  const count = faults.length === 1 ? 'a fault' : `${faults.length} faults`;
  throw new TocsinError('payload', `the channel has ${count}`, {
    remedy: 'Mend it and send it again; nothing was changed.',
    faults,
  });
}

function toFault({ path, message }: Finding): Fault {
  return { path: formatPath(path.slice(2)), message };
}
