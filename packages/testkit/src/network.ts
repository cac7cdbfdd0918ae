import childProcess from 'node:child_process';
import dgram from 'node:dgram';
import dns from 'node:dns';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import tls from 'node:tls';
import workerThreads from 'node:worker_threads';
import type { Integration, Source, Target } from '@tocsin/core';

/** Every door out of a process, and those through which more can be opened. */
const doors: [name: string, holder: object, keys: readonly string[]][] = [
  ['node:net', net, ['connect', 'createConnection', 'Socket', 'createServer']],
  ['node:tls', tls, ['connect', 'createServer']],
  ['node:http', http, ['request', 'get', 'createServer']],
  ['node:https', https, ['request', 'get', 'createServer']],
  ['node:http2', http2, ['connect', 'createServer', 'createSecureServer']],
  ['node:dgram', dgram, ['createSocket', 'Socket']],
  ['node:dns', dns, ['lookup', 'resolve', 'resolve4', 'resolve6', 'resolveTxt', 'reverse']],
  ['node:dns/promises', dns.promises, ['lookup', 'resolve', 'resolve4', 'resolve6', 'resolveTxt', 'reverse']],
  ['node:child_process', childProcess, ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork']],
  ['node:worker_threads', workerThreads, ['Worker']],
  // Whatever runs after the function has returned would be out of sight.
  [
    '',
    globalThis,
    ['fetch', 'WebSocket', 'EventSource', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'],
  ],
];

/** The function that runs now, and where its attempts are written; integrations' functions are synchronous. */
let running: { name: string; attempts: Set<string> } | undefined;
let users = 0;
let open = () => {};

/**
 * Runs `use` with an integration whose functions find every door shut: what they try is written into `attempts`, and
 * throws. Anything else in the process goes through as before.
 */
export async function withoutNetwork<Result>(
  integration: Integration,
  attempts: Set<string>,
  use: (integration: Integration) => Promise<Result>,
): Promise<Result> {
  if (users++ === 0) open = shutDoors();
  try {
    return await use({ ...integration, definition: guarded(integration.definition, attempts) } as Integration);
  } finally {
    if (--users === 0) open();
  }
}

/** Returns how to open them again. */
function shutDoors(): () => void {
  const shut = doors.flatMap(([name, holder, keys]) =>
    keys.flatMap((key) => {
      const descriptor = Object.getOwnPropertyDescriptor(holder, key);
      const original: unknown = descriptor?.value ?? Reflect.get(holder, key);
      if (typeof original !== 'function') return [];
      const value = watched(original as () => unknown, name === '' ? key : `${key} of ${name}`);
      Object.defineProperty(holder, key, { configurable: true, enumerable: true, writable: true, value });
      return [{ holder, key, descriptor }];
    }),
  );
  // `import { connect } from 'node:net'` has its own copy.
  syncBuiltinESMExports();
  return () => {
    for (const { holder, key, descriptor } of shut) {
      if (descriptor) Object.defineProperty(holder, key, descriptor);
      else Reflect.deleteProperty(holder, key);
    }
    syncBuiltinESMExports();
  };
}

function watched(door: () => unknown, name: string): object {
  const refuse = () => {
    if (!running) return;
    running.attempts.add(`${running.name} calls ${name}`);
    throw new Error(`${name} is not for integrations`);
  };
  return new Proxy(door, {
    apply: (target, self, parameters) => {
      refuse();
      return Reflect.apply(target, self, parameters);
    },
    construct: (target, parameters, self) => {
      refuse();
      return Reflect.construct(target, parameters, self) as object;
    },
  });
}

/** The definition with functions that say who they are while they run. */
function guarded(definition: Source | Target, attempts: Set<string>): Source | Target {
  const parts = Object.entries(definition).map(([name, part]) => {
    if (typeof part !== 'function') return [name, part];
    const call = part as (...parameters: unknown[]) => unknown;
    const run = (...parameters: unknown[]) => {
      running = { name: `\`${name}\``, attempts };
      try {
        return call(...parameters);
      } finally {
        running = undefined;
      }
    };
    return [name, run];
  });
  return Object.fromEntries(parts) as Source | Target; // of the same parts
}
