import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

export type { Browser, Locator, Page } from 'playwright-core';

export const browserProgram = '/usr/bin/chromium';

export const hasBrowser = existsSync(browserProgram);

/** Debian's Chromium, which looks for nothing on the network by itself. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: browserProgram, args: options });
}

const options = [
  ...['--no-sandbox', '--headless', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];
