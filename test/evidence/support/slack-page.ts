import type { Browser, Page } from '../../../apps/host/test/support/browser.ts';
import { until } from './until.ts';

/** Somebody at the sandbox's page, in one channel of the played Slack, with a browser of their own. */
export class SlackPage {
  readonly page: Page;
  /** What the browser complained of: errors, warnings, refusals of the content security policy. */
  readonly complaints: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on('console', (message) => this.complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => this.complaints.push(error.message));
  }

  /** `channel` as people write it, `#ops`. */
  static async open(browser: Browser, address: string, channel: string): Promise<SlackPage> {
    const slack = new SlackPage(await browser.newPage({ viewport: { width: 1280, height: 900 } }));
    await slack.page.goto(`${address}/#${encodeURIComponent(channel)}`);
    return slack;
  }

  /** Who presses from now on, by the name that colleagues know. */
  async become(person: string): Promise<void> {
    await this.page.getByLabel('You are').selectOption({ label: person });
  }

  /** The messages that this person sees, newest first, each with its thread. */
  async messages(): Promise<string[]> {
    return this.#texts('> ol > li > article');
  }

  /** The headline of the newest message that has one. */
  async headline(): Promise<string> {
    return (await this.#texts('.heading'))[0] ?? '';
  }

  /** What the hub said to this person alone, last. */
  async aside(): Promise<string> {
    return (await this.#texts('article.mine .content'))[0] ?? '';
  }

  /** What there is to press, in the order of the page. */
  async buttons(): Promise<string[]> {
    return this.#texts(':is(button, summary).button');
  }

  async press(label: string): Promise<void> {
    await this.page.locator('.team').getByRole('button', { name: label, exact: true }).click();
  }

  async choose(menu: string, choice: string): Promise<void> {
    await this.page.locator('.team summary', { hasText: menu }).click();
    await this.press(choice);
  }

  /** Waits until a message has these words, and gives it; fails at once when one has those that may never come. */
  async shows(words: RegExp, { never, patience }: { never?: RegExp; patience?: number } = {}): Promise<string> {
    const seen: string[] = [];
    try {
      return await until(
        `a message with ${words}`,
        async () => {
          const messages = await this.messages();
          seen.splice(0, seen.length, ...messages);
          const wrong = never && messages.find((message) => never.test(message));
          if (wrong !== undefined) throw new Error(`in place of ${words}, a message says: ${oneLine(wrong)}`);
          return messages.find((message) => words.test(message));
        },
        patience,
      );
    } catch (error) {
      throw new Error(`${error instanceof Error ? error.message : error}; there is: ${seen.map(oneLine).join(' | ')}`);
    }
  }

  async close(): Promise<void> {
    await this.page.close();
    if (this.complaints.length > 0) throw new Error(`the browser complains: ${this.complaints.join('; ')}`);
  }

  /** As they stand on the screen. */
  #texts(selector: string): Promise<string[]> {
    return this.page.locator(`.team ${selector}`).allInnerTexts();
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
