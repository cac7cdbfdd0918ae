import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSandbox, sandboxSlackApp } from '@tocsin/sandbox';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Browser, browserProgram, hasBrowser, startBrowser } from '../apps/host/test/support/browser.ts';
import { startHostHere } from '../apps/host/test/support/host-here.ts';
import { SlackPage } from './evidence/support/slack-page.ts';

// The sandbox's page as people have it: messages of a hub, with buttons that work, in a real browser.
// With TOCSIN_PICTURES=<folder> it leaves pictures there.

if (!hasBrowser) console.log(`skipped: browser (${browserProgram} is not installed)`);

const key = 'key-of-the-slack-page-test';
const folder = mkdtempSync(join(tmpdir(), 'tocsin-slack-page-'));
const sandbox = buildSandbox();
let sandboxAddress: string;
let host: Awaited<ReturnType<typeof startHostHere>>;
let browser: Browser;
let slack: SlackPage;
let count = 0;

beforeAll(async () => {
  await sandbox.listen({ port: 0, host: '127.0.0.1' });
  sandboxAddress = `http://127.0.0.1:${(sandbox.server.address() as AddressInfo).port}`; // it listens on a port
  const { botToken: token, signingSecret, channel } = sandboxSlackApp;
  const settings = { token, signingSecret, channel, apiUrl: `${sandboxAddress}/slack/api` };
  const config = {
    version: 1,
    listen: '127.0.0.1:0',
    store: 'sqlite:./tocsin.db',
    integrations: ['@tocsin/source-webhook', '@tocsin/target-slack'],
    sources: [
      {
        id: 'scripts',
        use: 'webhook',
        key,
        settings: { key: 'group', fingerprint: 'id' },
        writeBack: { url: `${sandboxAddress}/webhook/monitor` },
      },
    ],
    targets: [{ id: 'chat', use: 'slack', settings }],
    routes: [{ to: [{ target: 'chat', interval: '0s' }] }],
    egress: { allow: ['127.0.0.0/8'] },
  };
  const file = join(folder, 'tocsin.yaml');
  writeFileSync(file, JSON.stringify(config)); // JSON is YAML
  host = await startHostHere(file, 'token-of-the-slack-page-test');
  await control('slack/app', { interactivity: `${host.address}/callbacks/chat` });
  if (hasBrowser) browser = await startBrowser();
});

afterAll(async () => {
  await browser?.close();
  await host?.stop();
  await sandbox.close();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  await sandbox.inject({ method: 'DELETE', url: '/messages' });
  if (hasBrowser) slack = await SlackPage.open(browser, sandboxAddress, '#ops');
});

afterEach(async () => {
  await slack?.close();
});

async function control(what: string, body: object): Promise<void> {
  const response = await sandbox.inject({ method: 'POST', url: `/control/${what}`, payload: body });
  expect(response.statusCode, response.body).toBeLessThan(300);
}

/** An alert; each is in a group of its own. */
async function fires(more: object = {}): Promise<void> {
  count += 1;
  await say(more);
  await slack.shows(/Firing/);
}

/** Something more about the newest group. */
async function say(more: object): Promise<void> {
  const response = await fetch(`${host.address}/in/scripts`, {
    method: 'POST',
    headers: { 'x-tocsin-key': key, 'content-type': 'application/json' },
    body: JSON.stringify({
      id: `a-${count}`,
      group: `g-${count}`,
      status: 'firing',
      severity: 'critical',
      title: '/var on db-1 is 97 % full',
      message: 'At the present rate it is full in 40 minutes.',
      link: 'https://monitoring.example.com/db-1',
      ...more,
    }),
  });
  expect(response.status).toBe(202);
}

async function picture(name: string): Promise<void> {
  const { TOCSIN_PICTURES: pictures } = process.env;
  if (pictures) await slack.page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
}

/** The control that has the focus, by its words. */
async function focused(): Promise<string> {
  return slack.page.evaluate<string>("document.activeElement.textContent ?? ''");
}

/** Presses a key until the focus is there, as who has no mouse would. */
async function tabTo(words: string, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  for (let steps = 0; steps < 30; steps++) {
    if ((await focused()) === words) return;
    await slack.page.keyboard.press(key);
  }
  throw new Error(`no ${words} within 30 steps of ${key}`);
}

async function looksOf(selector: string): Promise<{ color: string; size: number; height: number }> {
  const { height = 0 } = (await slack.page.locator(selector).first().boundingBox()) ?? {};
  const style = `getComputedStyle(document.querySelector(${JSON.stringify(selector)}))`;
  const [size, color] = await slack.page.evaluate<[string, string]>(`[${style}.fontSize, ${style}.borderLeftColor]`);
  return { color, size: Number.parseFloat(size), height };
}

describe.runIf(hasBrowser)('a message', () => {
  test('says what it is about, who has it, and that it is over, in one place', async () => {
    await fires();
    expect(await slack.buttons()).toEqual(['Acknowledge', 'Resolve', 'Silence for … ▾']);
    expect(await slack.headline()).toBe('Firing · critical: /var on db-1 is 97 % full');
    await picture('firing');
    const red = await looksOf('.team .attachment');
    expect(red.color).toBe('rgb(201, 42, 42)');
    await slack.press('Acknowledge');
    await slack.shows(/Already acknowledged by Ann Archer/);
    expect(await slack.buttons()).toEqual(['Acknowledge too', 'Unacknowledge', 'Resolve', 'Silence for … ▾']);
    expect((await looksOf('.team .attachment')).color).not.toBe(red.color);
    await picture('acknowledged');
    await slack.become('Benedict Okoye');
    await slack.press('Acknowledge too');
    await slack.shows(/Already acknowledged by Ann Archer, Benedict Okoye/);
    await say({ id: 'b-1', title: '/tmp on db-1 is full' });
    await slack.page.getByRole('list', { name: 'Thread' }).getByText('/tmp on db-1 is full').waitFor();
    await picture('worse');
    await slack.choose('Silence for …', '4 hours');
    await slack.shows(/Silenced by Benedict/);
    await picture('silenced');
    await slack.press('Resolve');
    await slack.shows(/Resolved by Benedict Okoye/);
    expect(await slack.buttons()).toEqual([]);
    expect(await slack.messages()).toHaveLength(1);
    await picture('resolved');
  });

  test('is followed by a word to who pressed, where the monitor refuses', async () => {
    await fires();
    await control('next', { status: 409, body: 'not yours', path: '/webhook/monitor' });
    await slack.press('Acknowledge');
    await slack.shows(/Only visible to you/);
    expect(await slack.aside()).toBe('Nothing was changed here, as scripts did not do it: HTTP 409: not yours.');
    expect(await slack.buttons()).toEqual(['Acknowledge', 'Resolve', 'Silence for … ▾']);
    await picture('refused');
    await slack.become('Benedict Okoye');
    await slack.page.getByText('Not shown: 1 that only Ann Archer sees').waitFor();
    expect(await slack.messages()).toHaveLength(1);
  });

  test('has buttons large enough for a finger, and words large enough to read', async () => {
    await fires();
    for (const selector of ['.team button.button', '.team summary.button']) {
      const { size, height } = await looksOf(selector);
      // https://www.w3.org/WAI/WCAG22/Understanding/target-size-minimum.html
      expect(height, selector).toBeGreaterThanOrEqual(24);
      expect(size, selector).toBeGreaterThanOrEqual(14);
    }
    expect((await looksOf('.team .heading')).size).toBeGreaterThan((await looksOf('.team .text')).size);
  });

  test('fits 380 pixels with an open menu, light and dark', async () => {
    await fires();
    await slack.page.setViewportSize({ width: 380, height: 800 });
    await slack.page.locator('.team summary').first().click();
    for (const colorScheme of ['light', 'dark'] as const) {
      await slack.page.emulateMedia({ colorScheme });
      expect(await slack.page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(380);
      await picture(`narrow-${colorScheme}`);
    }
  });
});

describe.runIf(hasBrowser)('with the keyboard alone', () => {
  test('a person is chosen, and a button is pressed, which keeps the focus', async () => {
    await fires();
    await slack.page.getByLabel('You are').focus();
    await slack.page.keyboard.press('ArrowDown');
    await tabTo('Acknowledge');
    await picture('focus');
    await slack.page.keyboard.press('Enter');
    await slack.shows(/Already acknowledged by Benedict Okoye/);
    expect(await slack.page.locator('#slack-status').textContent()).toMatch(/^The app answered 200 after \d+ ms$/);
    expect(await focused()).toBe('Acknowledge too');
  });

  test('a menu is opened, left, and chosen from', async () => {
    await fires();
    const first = slack.page.getByRole('button', { name: '1 hour', exact: true });
    await slack.page.getByLabel('You are').focus();
    await tabTo('Silence for … ▾');
    await slack.page.keyboard.press('Enter');
    await first.waitFor();
    await slack.page.keyboard.press('Escape');
    await first.waitFor({ state: 'hidden' });
    expect(await focused()).toBe('Silence for … ▾');
    await slack.page.keyboard.press('Space');
    await tabTo('8 hours');
    await picture('menu');
    await slack.page.keyboard.press('Enter');
    await slack.shows(/Silenced by Ann Archer/);
    await first.waitFor({ state: 'hidden' });
    expect(await focused()).toBe('Silence for … ▾');
  });
});

test.runIf(hasBrowser)('a menu stays open while its message changes', async () => {
  await fires();
  await slack.page.locator('.team summary').first().click();
  await tabTo('4 hours');
  await say({ id: 'b-2', title: '/tmp on db-1 is full' });
  await slack.shows(/2 of 2 firing/);
  expect(await focused()).toBe('4 hours');
  await slack.press('8 hours');
  await slack.shows(/Silenced by Ann Archer/);
});
