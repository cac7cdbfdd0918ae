import { existsSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { buildSandbox, sandboxSlackApp } from '@tocsin/sandbox';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HostProcess, startHostProcess, token } from './support/host-process.ts';

// An admin installs a Slack app in a real browser. The hub is `localhost` and Slack is `127.0.0.1`, so that they are two
// sites, and cookies that are for one of them stay away on the way back, as they do from slack.com.

const program = '/usr/bin/chromium';
const isInstalled = existsSync(program);
if (!isInstalled) console.log(`skipped: browser (${program} is not installed)`);

const sandbox = buildSandbox();
let url: string;
let host: HostProcess;
let browser: Browser;

beforeAll(async () => {
  if (!isInstalled) return;
  const slack = await sandbox.listen({ port: 0, host: '127.0.0.1' });
  const port = await freePort();
  url = `http://localhost:${port}`;
  host = await startHostProcess({
    config: {
      url,
      listen: `127.0.0.1:${port}`,
      integrations: ['@tocsin/target-slack'],
      targets: [
        {
          id: 'chat',
          use: 'slack',
          settings: {
            clientId: sandboxSlackApp.clientId,
            clientSecret: sandboxSlackApp.clientSecret,
            signingSecret: sandboxSlackApp.signingSecret,
            apiUrl: `${slack}/slack/api`,
          },
        },
      ],
      routes: [{ to: [{ target: 'chat', address: `${sandboxSlackApp.team}/${sandboxSlackApp.channel}` }] }],
      egress: { allow: ['127.0.0.0/8'] },
    },
  });
  browser = await chromium.launch({
    executablePath: program,
    args: ['--no-sandbox', '--headless', '--disable-gpu', '--disable-quic', '--no-first-run'],
  });
});

afterAll(async () => {
  await browser?.close();
  await host?.remove();
  await sandbox.close();
});

describe.runIf(isInstalled)('In a browser', () => {
  let page: Page;
  const installed = async () => (await host.get<{ items: { id: string }[] }>('targets/chat/installations')).items;

  test('an admin signs in and finds the installations', async () => {
    page = await browser.newPage();
    await page.goto(`${url}/`);
    await page.getByLabel('Token').fill(token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('link', { name: 'Installations' }).click();
    await page.getByRole('heading', { name: 'Installations' }).waitFor();
    expect(await page.getByText('which lacks the app').isVisible()).toBe(true);
  });

  test('who cancels at Slack comes back, and nothing is installed', async () => {
    await page.getByRole('link', { name: 'Add to Slack' }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('heading', { name: 'Nothing was installed' }).waitFor();
    expect(new URL(page.url()).origin).toBe(url);
    expect(await installed()).toEqual([]);
  });

  test('who allows it comes back signed in, and the workspace has the app', async () => {
    await page.getByRole('link', { name: 'Go to the installations' }).click();
    await page.getByRole('link', { name: 'Add to Slack' }).click();
    await page.getByLabel('Bell Tower').check();
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.getByText('The app is in Bell Tower.').waitFor();
    expect(page.url()).toBe(`${url}/installations?installed=chat%2F${sandboxSlackApp.team}`);
    expect(await installed()).toMatchObject([{ id: sandboxSlackApp.team }]);
  });

  test('its cookies are kept from scripts and from other sites', async () => {
    await page.getByRole('link', { name: 'Add to Slack' }).click();
    const cookie = (await page.context().cookies(url)).find(({ name }) => name === 'tocsin-install');
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/' });
  });

  test('it is removed after a question', async () => {
    await page.goto(`${url}/installations`);
    await page.getByRole('link', { name: 'Remove Bell Tower…' }).click();
    await page.getByRole('button', { name: 'Remove it' }).click();
    await page.getByText('It is removed, and its token is deleted.').waitFor();
    expect(await installed()).toEqual([]);
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a TCP server that listens has no other kind
  await new Promise((resolve) => server.close(resolve));
  return port;
}
