import { loadIntegration } from '@tocsin/core/load';
import { checkHowto } from './check-howto.ts';
import { checkNetwork } from './check-network.ts';
import { checkDefinition, checkPackage } from './check-package.ts';
import { checkSource } from './check-source.ts';
import { checkTarget } from './check-target.ts';
import { withoutNetwork } from './network.ts';
import { type CheckResult, messageOf, Report } from './result.ts';
import { type ReadyTarget, readyTarget } from './target-case.ts';

export interface CheckOptions {
  /** Folders of targets; what a source says is put through each. Default: none. */
  targets?: readonly string[];
}

/** Checks an integration's folder against the contract: one result for each rule and file. Never throws. */
export async function checkIntegration(folder: string, options: CheckOptions = {}): Promise<CheckResult[]> {
  const report = new Report();
  await checkPackage(folder, report);
  try {
    const integration = await loadIntegration(folder);
    await checkHowto(integration, report);
    // What the contract doesn't know can't be run by it.
    if (!checkDefinition(integration, report)) return report.results;
    const targets = await readTargets(options.targets ?? []);
    const attempts = new Set<string>();
    await withoutNetwork(integration, attempts, async (guarded) => {
      if (guarded.kind === 'target') await checkTarget(guarded, report);
      else await checkSource(guarded, targets, report);
    });
    await checkNetwork(folder, attempts, report);
  } catch (error) {
    report.add('src/index.ts', 'definition', [messageOf(error)], 'Mend it; the other checks need it.');
  }
  return report.results;
}

async function readTargets(folders: readonly string[]): Promise<ReadyTarget[]> {
  const integrations = await Promise.all(folders.map(loadIntegration));
  const targets = integrations.filter((integration) => integration.kind === 'target');
  return Promise.all(targets.map((target) => readyTarget(target)));
}
