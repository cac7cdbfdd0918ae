import { get } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { exitCodeOfEnding, startChild } from './processes.mjs';
import { seconds, Trouble } from './progress.mjs';
import { buildPackages, prepareToolchain, root } from './toolchain.mjs';

const address = '127.0.0.1';
const hostProgram = join(root, 'apps/host/dist/main.js');
const sandboxProgram = join(root, 'apps/sandbox/dist/main.js');

/** The source and its key in the quickstart config, and an alert for it: any JSON would do. */
const demoSource = '/in/demo/quickstart-demo-key';
const demoAlert = { title: 'Disk full on db-1', status: 'firing', severity: 'critical' };

/**
 * `npm start`: the host with the quickstart config, and the sandbox that plays the services it tells. With a config of
 * one's own (`npm start -- --config my.yaml`) the host alone.
 *
 * @param {string[]} parameters passed to the host
 * @returns {Promise<number>} the host's exit code
 */
export async function startQuickstart(parameters) {
  const began = performance.now();
  if (parameters.some((parameter) => /^(-c|--config)(=|$)/.test(parameter))) return await startHostAlone(parameters);

  const port = readPort('PORT', 8080);
  const sandboxPort = readPort('SANDBOX_PORT', 8081);
  await assertFree('PORT', port);
  await assertFree('SANDBOX_PORT', sandboxPort);
  const hostUrl = `http://${address}:${port}`;
  const sandboxUrl = `http://${address}:${sandboxPort}`;

  const toolchain = await prepareToolchain();
  await buildPackages(toolchain);
  const options = { cwd: root, env: { ...toolchain.environment, PORT: String(port), SANDBOX_URL: sandboxUrl } };
  const sandboxParameters = ['--host', address, '--port', String(sandboxPort), '--with-parent'];
  // What is pressed on its page comes back here.
  sandboxParameters.push('--slack-callbacks', `${hostUrl}/callbacks/slack`);
  const sandbox = startChild(toolchain.node, [sandboxProgram, ...sandboxParameters], options);
  // What is delivered shows on the sandbox's page; the terminal is for what goes wrong.
  const hostParameters = [
    'start',
    '--config',
    join(root, 'quickstart/tocsin.yaml'),
    '--log-level',
    'warn',
    ...parameters,
  ];
  const host = startChild(toolchain.node, [hostProgram, ...hostParameters], options);

  let over = false;
  const ended = Promise.race([host.exit, sandbox.exit]).finally(() => {
    over = true;
  });
  ended.catch(() => {});
  const pages = [`${hostUrl}/healthz`, `${sandboxUrl}/`];
  const answers = await Promise.all(pages.map((url) => hasAnswered(url, () => over)));
  if (answers.every(Boolean)) console.log(welcome(hostUrl, sandboxUrl, performance.now() - began));
  await ended;
  if (host.process.exitCode === null && host.process.signalCode === null && exitCodeOfEnding() === undefined) {
    throw new Trouble('The sandbox ended by itself, so the host is stopped too.', {
      remedy: 'What it said stands above; `npm start` starts both again.',
    });
  }
  return await host.exit;
}

/** @param {string[]} parameters */
async function startHostAlone(parameters) {
  const toolchain = await prepareToolchain();
  await buildPackages(toolchain);
  const host = startChild(toolchain.node, [hostProgram, 'start', ...parameters], {
    cwd: process.env.INIT_CWD,
    env: toolchain.environment,
  });
  return await host.exit;
}

/**
 * @param {string} hostUrl
 * @param {string} sandboxUrl
 * @param {number} milliseconds
 */
function welcome(hostUrl, sandboxUrl, milliseconds) {
  return `
Tocsin is ready after ${seconds(milliseconds)}. Open
  ${sandboxUrl}   what people are told, and where they answer
  ${hostUrl}${demoSource}   how to send alerts

and send one:
  curl -H 'content-type: application/json' -d '${JSON.stringify(demoAlert)}' ${hostUrl}${demoSource}

Ctrl-C ends it.
`;
}

/**
 * Waits until a page is there; false if that's over before.
 *
 * @param {string} url
 * @param {() => boolean} isOver
 */
async function hasAnswered(url, isOver) {
  while (!isOver()) {
    const status = await new Promise((resolve) => {
      get(url, { agent: false, timeout: 1_000 }, (response) => resolve(response.resume().statusCode))
        .on('timeout', () => resolve(undefined))
        .on('error', () => resolve(undefined));
    });
    if (status === 200) return true;
    await delay(100);
  }
  return false;
}

/**
 * @param {string} name
 * @param {number} fallback
 */
function readPort(name, fallback) {
  const value = process.env[name] || String(fallback);
  const port = Number(value);
  if (/^\d+$/.test(value) && port >= 1 && port <= 65_535) return port;
  throw new Trouble(`${name} is "${value}", which is no port.`, { remedy: `Set ${name} to a number from 1 to 65535.` });
}

/**
 * Said before the slow steps, not after them.
 *
 * @param {string} name
 * @param {number} port
 */
async function assertFree(name, port) {
  const error = await new Promise((resolve) => {
    const server = createServer().once('error', resolve);
    server.listen(port, address, () => server.close(() => resolve(undefined)));
  });
  if (!error) return;
  const reason = error.code === 'EADDRINUSE' ? 'is in use by another program' : `can't be opened (${error.message})`;
  throw new Trouble(`Port ${port} on ${address} ${reason}.`, {
    remedy: `Stop what runs there, or choose another port: ${name}=${port + 1000} npm start`,
    cause: error,
  });
}
