import { checkChannels } from './check-channels.ts';
import { checkEgress } from './check-egress.ts';
import { checkHub } from './check-hub.ts';
import { checkRoutes } from './check-routes.ts';
import { checkKeys, checkMasterKeys, checkTokens } from './check-secrets.ts';
import { type Checked, type Findings, itemsOf, quoteAt, textsAt, toldOf } from './checked.ts';
import type { Finding } from './finding.ts';
import { entriesFor, type IntegrationKind, readEntry } from './integration-entry.ts';
import { suggest } from './nearest.ts';
import { valueAt } from './path.ts';

/** What no schema of one key can see: how the parts of the config fit together. */
export function checkTogether(checked: Checked): Findings {
  const parts: Partial<Findings>[] = [
    ...(['sources', 'targets', 'channels'] as const).map((list) => ({ faults: findTwice(checked, list, 'id') })),
    { faults: findTwice(checked, 'tokens', 'name') },
    { faults: findTwice(checked, 'integrations') },
    { faults: checkUse(checked, 'source') },
    { faults: checkUse(checked, 'target') },
    { faults: checkHub(checked) },
    checkKeys(checked),
    checkTokens(checked),
    { faults: checkMasterKeys(checked) },
    checkRoutes(checked),
    { faults: checkChannels(checked) },
    checkEgress(checked),
    { warnings: warnOfReach(checked) },
  ];
  return {
    faults: parts.flatMap(({ faults = [] }) => faults),
    warnings: parts.flatMap(({ warnings = [] }) => warnings),
  };
}

function findTwice({ resolved, written }: Checked, list: string, key?: string): Finding[] {
  const paths = itemsOf(resolved, [list]).map((path) => (key === undefined ? path : [...path, key]));
  const first = new Set<string>();
  return textsAt(resolved, paths).flatMap(({ path, text }) => {
    if (!first.has(text)) {
      first.add(text);
      return [];
    }
    const remedy = key === undefined ? 'remove one' : `each of the ${list} needs its own ${key}`;
    return [{ path, message: `${quoteAt(written, path)} stands here twice; ${remedy}` }];
  });
}

function checkUse({ resolved, written }: Checked, kind: IntegrationKind): Finding[] {
  const names = textsAt(resolved, itemsOf(resolved, ['integrations']));
  const entries = [...new Set(names.map(({ text }) => text))].map(readEntry);
  const told = toldOf(written, names).map(readEntry);
  const known = told.filter((entry) => (entry.kind ?? kind) === kind).map(({ id }) => id);
  const uses = itemsOf(resolved, [`${kind}s`]).map((path) => [...path, 'use']);
  return textsAt(resolved, uses).flatMap(({ path, text }) => {
    const found = entriesFor(text, kind, entries);
    if (found.length === 1) return [];
    const use = quoteAt(written, path);
    if (found.length > 1) {
      return [{ path, message: `${use} is the id of ${found.length} integrations; write the whole name of one` }];
    }
    const remedy = known.length > 0 ? suggest(text, known, `known ${kind}s`) : '';
    const add = remedy.startsWith(',') ? '' : `; add its package to \`integrations\`, as "@tocsin/${kind}-…"`;
    return [{ path, message: `no ${kind} integration ${use}${remedy}${add}` }];
  });
}

function warnOfReach({ resolved, listen }: Checked): Finding[] {
  const warnings: Finding[] = [];
  const tokens = itemsOf(resolved, ['tokens']);
  if (listen && !listen.loopback && tokens.length === 0) {
    const message = 'others can reach this address, and no one is named in `tokens`; give each person a token there';
    warnings.push({ path: ['listen'], message });
  }
  if (listen && !listen.loopback && valueAt(resolved, ['url']) === undefined) {
    const message = 'links in messages lead to this address, as there is no `url`; write the one that people reach';
    warnings.push({ path: ['listen'], message });
  }
  for (const { path, text } of textsAt(resolved, itemsOf(resolved, ['egress', 'allow']))) {
    if (!/^(0\.0\.0\.0|::)\/0$/.test(text)) continue;
    warnings.push({ path, message: 'lets targets reach every private address; list the ones that they need' });
  }
  return warnings;
}
