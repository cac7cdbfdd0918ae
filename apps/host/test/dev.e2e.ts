import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { media } from '@tocsin/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Snapshot } from '../src/cli/dev/preview.ts';
import { Workbench } from '../src/cli/dev/workbench.ts';
import { type Browser, browserProgram, hasBrowser, type Page, startBrowser } from './support/browser.ts';

// `tocsin dev`, as a person has it beside the editor: a real browser on a copied integration outside of the repository.

const repository = join(import.meta.dirname, '..', '..', '..');
if (!hasBrowser) console.log(`skipped: browser (${browserProgram} is not installed)`);

/** What a person takes for at once, in milliseconds. */
const bar = 1_000;
/** For everything else: what is right at last is right. */
const patience = { timeout: 20_000 };

const scratch = mkdtempSync(join(tmpdir(), 'tocsin-dev-'));
const folder = join(scratch, 'alertmanager');
const original = join(repository, 'integrations/sources/alertmanager');

const hostile =
  '<img src=x onerror=alert(1)><script>alert(2)</script> <a href="javascript:alert(3)">x</a> &lt;b&gt; {{7}}';

let browser: Browser;
let running: { child: ChildProcess; address: string };

beforeAll(async () => {
  mkdirSync(join(scratch, 'node_modules', '@tocsin'), { recursive: true });
  symlinkSync(join(repository, 'packages/core'), join(scratch, 'node_modules/@tocsin/core'));
  copyOriginal();
  if (!hasBrowser) return;
  browser = await startBrowser();
  running = await startDev(['--conditions=@tocsin/source', join(repository, 'apps/host/src/main.ts')], folder);
});

afterAll(async () => {
  await browser?.close();
  running?.child.kill('SIGTERM');
  rmSync(scratch, { recursive: true, force: true });
});

describe.runIf(hasBrowser)('the page in a browser', () => {
  let page: Page;
  /** Whatever the browser complains of: errors, warnings, refusals of the content security policy. */
  const complaints: string[] = [];

  beforeEach(async () => {
    copyOriginal();
    page = await openPage(complaints);
    await page.getByRole('link', { name: /^Checks (?:all hold|\d+ fail)/ }).waitFor();
  });

  afterEach(async () => {
    await page.close();
    expect(complaints.splice(0)).toEqual([]);
  });

  test('shows every example in every medium, with the exact text beside it', async () => {
    const names = examplesOf(folder);
    expect(names.length).toBeGreaterThan(4);
    for (const name of names) {
      await page
        .getByRole('navigation')
        .getByRole('link', { name: new RegExp(`^${name} `) })
        .click();
      await page.getByRole('heading', { level: 2, name: new RegExp(`^${name} `) }).waitFor();
      const shown = await page.locator('.card h3').allTextContents();
      expect([...new Set(shown)], name).toEqual(Object.keys(media));
    }
    await page.goto(`${running.address}#example=firing`);
    const expected = JSON.parse(readFileSync(join(folder, 'examples/firing.expected.json'), 'utf8'));
    for (const [medium, { headline, title, message }] of Object.entries(expected.notifications[0].texts) as Texts) {
      const exact = page.getByRole('group', { name: `The exact text in ${medium}`, exact: true });
      expect(await exact.textContent()).toBe([headline, title, '', ...message].join('\n'));
    }
    expect(await page.getByText('Read as 1 alert').isVisible()).toBe(true);
    await page.goto(`${running.address}#show=all&medium=slack`);
    await expect
      .poll(() => page.locator('#blocks .look[data-medium="slack"]').count(), patience)
      .toBeGreaterThanOrEqual(names.length);
  });

  test('draws Slack, HTML and Telegram as people see them', async () => {
    write('templates/message.hbs', 'It is **bold** & `code` [link](https://example.com/a).');
    for (const medium of ['slack', 'html', 'telegram', 'discord', 'markdown']) {
      const look = page.locator(`.card[data-medium="${medium}"] .look`);
      await look.locator('strong', { hasText: 'bold' }).waitFor();
      expect(await look.locator('code', { hasText: 'code' }).count(), medium).toBe(1);
      expect(await look.locator('a').getAttribute('href'), medium).toBe('https://example.com/a');
      expect(await look.textContent(), medium).toContain('It is bold & code link.');
    }
  });

  test('follows a template within a second, and keeps the place, the focus and what is open', async () => {
    const card = page.locator('.card[data-medium="telegram"]');
    await page.locator('.request summary').first().click();
    await card.locator('pre').focus();
    await card.evaluate((element) => element.scrollIntoView({ block: 'start' }));
    const before = await card.boundingBox();
    const times: number[] = [];
    for (const round of [1, 2, 3]) {
      // Nobody saves more often than this. Each time what stands above becomes higher.
      await delay(500);
      const began = performance.now();
      write('templates/title.hbs', `Round ${round} {{alert.labels.alertname}}${' grows'.repeat(round * 12)}`);
      await card.locator('.subject', { hasText: `Round ${round} DiskWillFillSoon` }).waitFor();
      const took = performance.now() - began;
      console.log(`a template was shown ${Math.round(took)} ms after it was saved`);
      times.push(took);
    }
    // The middle one: this machine may have other things to do for once.
    expect(times.sort((left, right) => left - right)[1]).toBeLessThan(bar);
    const after = await card.boundingBox();
    expect(Math.abs((after?.y ?? 0) - (before?.y ?? 1000))).toBeLessThan(3);
    expect(await page.evaluate<number>('scrollY')).toBeGreaterThan(500);
    expect(await page.evaluate("document.activeElement.getAttribute('aria-label')")).toBe('The exact text in telegram');
    expect(await page.locator('.request details').first().getAttribute('open')).not.toBeNull();
    // What differs from the expected file now, and what fails because of it.
    await page.getByText('What differs from examples/firing.expected.json').waitFor();
    expect(await page.locator('.difference .added').first().textContent()).toContain('Round 3 DiskWillFillSoon');
    await page.getByRole('link', { name: /^Checks \d+ fail/ }).click();
    const check = page.locator('.check', { hasText: 'examples/firing.expected.json' }).first();
    expect(await check.locator('.remedy').textContent()).toContain('--update');
  });

  test('says where a template is broken, in its line, and what is still to be seen', async () => {
    write('templates/title.hbs', 'fine\n  {{nope payload.x}}\n');
    const trouble = page.getByRole('alert');
    await trouble.getByText('templates/title.hbs:2:3').waitFor();
    expect(await trouble.textContent()).toContain('there is no helper nope');
    expect(await trouble.locator('.line.at').textContent()).toBe('2   {{nope payload.x}}\n');
    expect(await trouble.locator('.caret').textContent()).toBe('    ^\n');
    expect(await page.locator('.card').count()).toBeGreaterThan(3);
    expect(await page.title()).toMatch(/^✗/);
    // Who opens the page only now sees the same.
    await page.reload();
    await trouble.getByText('templates/title.hbs:2:3').waitFor();
    write('templates/title.hbs', readFileSync(join(original, 'templates/title.hbs'), 'utf8'));
    await expect.poll(() => trouble.textContent(), patience).toBe('');
  });

  test('survives broken code, one that ends its process included, and picks new code up', async () => {
    const code = readFileSync(join(original, 'src/index.ts'), 'utf8');
    write('src/index.ts', code.replace('export default', 'const broken = {;\nexport default'));
    const line = code.slice(0, code.indexOf('export default')).split('\n').length;
    const trouble = page.getByRole('alert');
    await trouble.getByText(`src/index.ts:${line}:`).waitFor();
    expect(await trouble.locator('.line.at').textContent()).toContain('const broken = {;');
    // A part in a file of its own, changed afterwards: the whole graph is loaded anew.
    write('src/word.ts', "export const word = 'info' as const;\n");
    write(
      'src/index.ts',
      `import { word } from './word.ts';\n${code.replace('export default defineSource({', 'export default defineSource({\n  severity: () => word,')}`,
    );
    await page.locator('.chip.severity', { hasText: 'info' }).first().waitFor();
    expect(await trouble.textContent()).toBe('');
    write('src/word.ts', "export const word = 'warning' as const;\n");
    await page.locator('.chip.severity', { hasText: 'warning' }).first().waitFor();
    write('src/index.ts', `${code}\nprocess.exit(3);\n`);
    await trouble.getByText('ended its own process').waitFor();
    write('src/index.ts', code);
    await expect.poll(() => trouble.textContent(), patience).toBe('');
    rmSync(join(folder, 'src/word.ts'));
  });

  test('follows examples and the how-to page', async () => {
    write('examples/new-one.json', '{\n  "alerts": [\n');
    await page
      .getByRole('navigation')
      .getByRole('link', { name: /^new-one/ })
      .click();
    await page.getByText('examples/new-one.json:3:1').waitFor();
    const firing = JSON.parse(readFileSync(join(original, 'examples/firing.json'), 'utf8'));
    write('examples/new-one.json', JSON.stringify(firing));
    await page.getByText('What differs from examples/new-one.expected.json').waitFor();
    rmSync(join(folder, 'examples/new-one.json'));
    await page.getByRole('heading', { level: 2, name: /^firing/ }).waitFor();
    await page.getByRole('link', { name: 'How to connect' }).click();
    write('howto.html', '<ol><li>Go to <code>{{url}}</code>.<script>alert(1)</script></li></ol>');
    await page.locator('.howto', { hasText: 'Go to https://alerts.example.com/in/alertmanager.' }).waitFor();
    expect(await page.locator('.howto script').count()).toBe(0);
  });

  test('names the fields that a template reads and the payload lacks, with their place', async () => {
    write('templates/title.hbs', '{{alert.labels.alertname}}\n  of {{payload.annotations.owner}}');
    const missing = page.locator('.missing', { hasText: 'payload.annotations.owner' });
    await missing.waitFor();
    expect(await missing.locator('.where').textContent()).toBe('templates/title.hbs:2:8');
    expect(await missing.locator('.line').textContent()).toContain('of {{payload.annotations.owner}}');
  });

  test('shows hostile text as text', async () => {
    const firing = JSON.parse(readFileSync(join(original, 'examples/firing.json'), 'utf8'));
    firing.alerts[0].annotations = { summary: hostile, description: hostile };
    firing.alerts[0].labels[hostile] = hostile;
    firing.groupLabels[hostile] = hostile;
    write('examples/hostile.json', JSON.stringify(firing));
    write('templates/title.hbs', '{{payload.annotations.summary}}');
    await page.goto(`${running.address}#example=hostile`);
    await page.locator('.card[data-medium="html"] .look', { hasText: hostile.slice(0, 28) }).waitFor();
    expect(await page.locator('.card[data-medium="html"] .subject').textContent()).toBe(hostile);
    expect(await page.locator('.card[data-medium="text"] .subject').textContent()).toBe(hostile);
    for (const fold of await page.locator('details').all())
      await fold.evaluate((element) => element.setAttribute('open', ''));
    const made = page.locator('#blocks :is(img, script, iframe, [onerror], a[href^="javascript:" i])');
    expect(await made.count()).toBe(0);
    rmSync(join(folder, 'examples/hostile.json'));
  });

  test('measures texts against the limits of the targets around, as bars', async () => {
    const card = page.locator('.card[data-medium="slack"]');
    const meter = card.getByRole('meter', { name: 'title, of what slack takes' });
    write('templates/title.hbs', 'Exactly 21 characters');
    await card.locator('.subject', { hasText: 'Exactly' }).waitFor();
    expect(await meter.getAttribute('aria-valuenow')).toBe('21');
    const limit = Number(await meter.getAttribute('aria-valuemax'));
    expect(await meter.getAttribute('aria-valuetext')).toBe(`21 of ${limit}`);
    const { width = 0 } = (await meter.boundingBox()) ?? {};
    const { width: filled = 0 } = (await meter.locator('.fill').boundingBox()) ?? {};
    expect(filled / width).toBeCloseTo(21 / limit, 1);
    write('templates/message.hbs', 'Too long for a section. '.repeat(200));
    await card.getByText(/of [\d,]+ · [\d,]+ over, cut/).waitFor();
    const request = page.locator('.request', { hasText: 'Through slack' }).first();
    await request.locator('summary').click();
    expect(await request.locator('pre').first().textContent()).toMatch(/^POST https:\/\/hooks\.slack\.com\/services\//);
    expect(await request.locator('pre').last().textContent()).toMatch(/^curl -X POST /);
    expect(await request.locator('.look').textContent()).toContain('Too long for a section.');
  });

  test('can be used with the keyboard alone', async () => {
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('every medium');
    for (let steps = 0; steps < 30 && (await focused(page)) !== 'speech'; steps++) await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await expect.poll(() => page.locator('.card').count(), patience).toBe(1);
    expect(await focused(page)).toBe('speech');
    expect(await page.getByRole('button', { name: 'speech' }).getAttribute('aria-pressed')).toBe('true');
    for (let steps = 0; steps < 30 && !(await focused(page)).startsWith('resolved'); steps++) {
      await page.keyboard.press('Shift+Tab');
    }
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 2, name: /^resolved/ }).waitFor();
    expect(await page.locator('nav [aria-current="page"]').textContent()).toContain('resolved');
    // Where the reader was is part of the address: going back goes back.
    await page.goBack();
    await page.getByRole('heading', { level: 2, name: /^firing/ }).waitFor();
  });

  test('fits 380 pixels, light and dark', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize({ width: 380, height: 800 });
      await page.emulateMedia({ colorScheme });
      for (const place of ['example=partly-resolved', 'show=all', 'show=checks', 'show=howto']) {
        await page.goto(`${running.address}#${place}`);
        await page.locator('#blocks > *').first().waitFor();
        expect(await page.evaluate('document.documentElement.scrollWidth'), place).toBeLessThanOrEqual(380);
      }
      const colours = await page.evaluate<string[]>(
        'Object.values((({ backgroundColor, color }) => ({ backgroundColor, color }))(getComputedStyle(document.body)))',
      );
      const [ground = 0, ink = 0] = colours.map((value) => Number(/\d+/.exec(value)?.[0]));
      expect(ground > ink).toBe(colorScheme === 'light');
    }
  });
});

describe.runIf(hasBrowser)('the server', () => {
  test('answers this machine’s own names alone, with a policy that knows no inline script', async () => {
    const answer = await fetch(running.address);
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).not.toContain('unsafe');
    const { port } = new URL(running.address);
    const curl = ['-s', '-o', '/dev/null', '-w', '%{http_code}', '-H', `Host: evil.example:${port}`, running.address];
    expect(execFileSync('curl', curl, { encoding: 'utf8' })).toBe('421');
    const addresses = execFileSync('sh', ['-c', 'cat /proc/net/tcp /proc/net/tcp6'], { encoding: 'utf8' });
    const hex = Number(port).toString(16).toUpperCase().padStart(4, '0');
    const listening = [...addresses.matchAll(/^\s*\d+: ([0-9A-F]+):([0-9A-F]{4}) \S+ 0A /gm)].filter(
      ([, , at]) => at === hex,
    );
    expect(listening.map(([, host]) => host)).toEqual(['0100007F']);
  });

  test('shows a target: the request of every standard notification', async () => {
    const slack = join(repository, 'integrations/targets/slack');
    const target = await startDev(['--conditions=@tocsin/source', join(repository, 'apps/host/src/main.ts')], slack);
    const complaints: string[] = [];
    const page = await openPage(complaints, target.address);
    const names = readdirSync(join(slack, 'examples')).filter((name) => name.endsWith('.http'));
    for (const name of names.map((file) => file.replace('.expected.http', ''))) {
      await page.goto(`${target.address}#example=${name}`);
      await page.getByRole('heading', { level: 2, name: `${name} ✓ as expected` }).waitFor();
      const request = page.getByRole('group', { name: 'The request to slack', exact: true });
      expect(await request.textContent()).toBe(readFileSync(join(slack, `examples/${name}.expected.http`), 'utf8'));
    }
    await page.goto(`${target.address}#example=long`);
    await page
      .getByText(/of [\d,]+ · [\d,]+ over, cut/)
      .first()
      .waitFor();
    await page.close();
    target.child.kill('SIGTERM');
    expect(complaints).toEqual([]);
  });

  test('is in the built command line, too', async () => {
    execFileSync('npm', ['run', '--silent', 'build'], { cwd: repository, stdio: 'pipe' });
    const built = await startDev([join(repository, 'apps/host/dist/main.js')], folder);
    copyOriginal();
    const complaints: string[] = [];
    const page = await openPage(complaints, built.address);
    await page.locator('.card').first().waitFor();
    write(
      'src/index.ts',
      readFileSync(join(original, 'src/index.ts'), 'utf8').replace(
        'export default defineSource({',
        "export default defineSource({\n  severity: () => 'info',",
      ),
    );
    await page.locator('.chip.severity', { hasText: 'info' }).first().waitFor();
    await page.close();
    const ended = new Promise((resolve) => built.child.once('exit', resolve));
    built.child.kill('SIGINT');
    expect(await ended).toBe(0);
    expect(complaints).toEqual([]);
  });
});

test('code that never ends is cut off, and the next change is shown', async () => {
  copyOriginal();
  const code = readFileSync(join(original, 'src/index.ts'), 'utf8');
  write('src/index.ts', `${code}\nwhile (true);\n`);
  const seen: Snapshot[] = [];
  const task = { folder, targets: [], command: 'tocsin test alertmanager --update' };
  const workbench = new Workbench({ task, patience: 3_000, onSnapshot: (snapshot) => seen.push(snapshot) });
  await expect
    .poll(() => seen.at(-1)?.troubles[0]?.message, { timeout: 10_000 })
    .toBe('showing the package takes longer than 3 s');
  write('src/index.ts', code);
  workbench.refresh();
  await expect.poll(() => seen.at(-1)?.checks?.results.every(({ ok }) => ok), { timeout: 10_000 }).toBe(true);
  expect(seen.at(-1)?.troubles).toEqual([]);
  await workbench.close();
});

type Texts = [string, { headline: string; title: string; message: string[] }][];

/** The program's own integration again, as it is in the repository, without what was built. */
function copyOriginal(): void {
  const isKept = (path: string) => !/\/(?:node_modules|dist|\.turbo)(?:\/|$)/.test(path.slice(original.length));
  cpSync(original, folder, { recursive: true, filter: isKept });
  for (const name of readdirSync(join(folder, 'examples'))) {
    if (!existsSync(join(original, 'examples', name))) rmSync(join(folder, 'examples', name));
  }
}

function write(file: string, text: string): void {
  writeFileSync(join(folder, file), text);
}

function examplesOf(of: string): string[] {
  const names = readdirSync(join(of, 'examples')).filter(
    (name) => name.endsWith('.json') && !name.includes('.expected.'),
  );
  return names.map((name) => name.replace('.json', ''));
}

async function openPage(complaints: string[], address = running.address): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(address);
  return page;
}

async function focused(page: Page): Promise<string> {
  return page.evaluate<string>("document.activeElement.textContent ?? ''");
}

/** Starts the command in the repository, where the targets are. */
async function startDev(options: string[], of: string): Promise<{ child: ChildProcess; address: string }> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...options, 'dev', of], {
    cwd: repository,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const address = () => /http:\/\/127\.0\.0\.1:\d+\//.exec(output)?.[0];
  while (!address()) {
    if (child.exitCode !== null)
      throw new Error(`it ended with ${child.exitCode}
${output}`);
    await delay(20);
  }
  return { child, address: address() as string };
}
