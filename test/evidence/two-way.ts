import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Browser, browserProgram, hasBrowser, startBrowser } from '../../apps/host/test/support/browser.ts';
import { SlackPage } from './support/slack-page.ts';
import { freePort } from './support/witness.ts';
import { alertmanagerScene } from './two-way/alertmanager.ts';
import { Hub, startSandbox } from './two-way/hub.ts';
import { icingaScene } from './two-way/icinga2.ts';
import { nagiosScenes } from './two-way/nagios.ts';
import type { Scene, Stage } from './two-way/scene.ts';

/*
 * A problem of a real Nagios 4, Icinga 2 or Alertmanager becomes a message in the sandbox's Slack; somebody presses its
 * buttons in a real browser; and the monitor itself is asked what it knows of that. `--prove` takes the hub's protections
 * away, and succeeds if each scene finds that.
 *
 *   node --conditions=@tocsin/source test/evidence/two-way.ts
 */

/** Milliseconds: what the bar is, and what the hub takes for it at most, two looks of 20 seconds after the next one. */
const promised = 120_000;
const longestWatch = 65_000;

const { values } = parseArgs({
  options: { prove: { type: 'boolean', default: false }, only: { type: 'string', default: '' } },
});
const all: readonly Scene[] = [...nagiosScenes, icingaScene, alertmanagerScene];
const chosen = all.filter(({ name }) => values.only === '' || values.only.split(',').includes(name));
const playable = chosen.filter(({ needs: { program, isThere } }) => {
  if (isThere()) return true;
  console.log(`skipped: ${program} (not installed)`);
  return false;
});

if (!hasBrowser) console.log(`skipped: browser (${browserProgram} is not installed)`);
else {
  const browser = await startBrowser();
  try {
    if (values.prove) await prove(browser);
    else if ((await play(browser, playable)).size > 0) process.exitCode = 1;
  } finally {
    await browser.close();
  }
}

/** Each scene has to find what the hub does without. */
async function prove(browser: Browser): Promise<void> {
  const failpoints = new Set(playable.flatMap(({ proofs }) => proofs.map(({ without }) => without)));
  const proved = [...failpoints].map(async (failpoint) => {
    const scenes = playable.filter(({ proofs }) => proofs.some(({ without }) => without === failpoint));
    const failures = await play(browser, scenes, { failpoint });
    for (const { name, proofs } of scenes) {
      const said = failures.get(name)?.message.split('\n')[0] ?? 'nothing';
      const isFound = proofs.some(({ without, finds }) => without === failpoint && finds.test(said));
      if (!isFound) process.exitCode = 1;
      console.log(`${isFound ? 'noticed' : 'NOT NOTICED'}: ${failpoint}, by ${name}: ${said.slice(0, 200)}`);
    }
  });
  await Promise.all(proved);
}

/** All at once, each in a channel of its own; gives why which failed. */
async function play(
  browser: Browser,
  scenes: readonly Scene[],
  { failpoint }: { failpoint?: string } = {},
): Promise<Map<string, Error>> {
  const isProof = failpoint !== undefined;
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-two-way-'));
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const ends: (() => Promise<unknown>)[] = [];
  const failures = new Map<string, Error>();
  try {
    const sandbox = await startSandbox(address);
    ends.push(sandbox.end);
    const stages = await Promise.all(
      scenes.map(async (scene) => {
        const stage = await scene.prepare(folder, address);
        ends.push(stage.end);
        return { scene, stage };
      }),
    );
    const pages = await Promise.all(scenes.map(({ channel }) => SlackPage.open(browser, sandbox.address, channel)));
    const hub = await Hub.start({ folder, port, sandbox, stages, failpoint });
    ends.push(() => hub.end());
    await Promise.all(
      stages.map(async ({ scene, stage }, index) => {
        const page = pages[index] as SlackPage; // one for each
        await tell(stage, { page, hub, isProof }).catch((error: Error) => {
          failures.set(scene.name, error);
          if (!isProof) console.error(scene.name, error, `\n${stage.output()}`);
        });
      }),
    );
    if (failures.size > 0 && !isProof) console.error(`hub:\n${hub.output()}`);
  } finally {
    await Promise.allSettled(ends.reverse().map((end) => end()));
    rmSync(folder, { recursive: true, force: true });
  }
  return failures;
}

async function tell(
  stage: Stage,
  { page, hub, isProof }: { page: SlackPage; hub: Hub; isProof: boolean },
): Promise<void> {
  let last = performance.now();
  const says = (what: string) => {
    const now = performance.now();
    if (!isProof) console.log(`ok: ${what} (${((now - last) / 1_000).toFixed(1)} s)`);
    last = now;
  };
  await stage.tell({ page, hub, says, patience: isProof ? longestWatch : promised });
  await page.close();
}
