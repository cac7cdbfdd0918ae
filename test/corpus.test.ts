import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

// `npm run test:corpus` over a small corpus of its own: what passes, what fails, and what no source takes.

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'tocsin-corpus-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function runCorpus(...words: string[]) {
  const program = join(root, 'test', 'evidence', 'corpus.ts');
  const flags = ['--conditions=@tocsin/source', '--disable-warning=ExperimentalWarning'];
  const { status, stdout } = spawnSync(process.execPath, [...flags, program, ...words], {
    encoding: 'utf8',
    env: { ...process.env, INIT_CWD: folder },
  });
  return { status, lines: stdout.trimEnd().split('\n') };
}

test('without a folder it is skipped, and says so', () => {
  expect(runCorpus()).toEqual({ status: 0, lines: ['skipped: corpus (no folder given)'] });
});

test('a row for each file says whether its source takes it, and why not', () => {
  const example = (name: string) =>
    readFileSync(join(root, 'integrations/sources/alertmanager/examples', name), 'utf8');
  const recorded = (body: string) => ({ method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
  const files: Record<string, unknown> = {
    'captured/alertmanager-0.25.0/01-as-slack.json': recorded('{"text":"Disk"}'),
    'captured/alertmanager-0.25.0/02-alertmanager-firing.json': recorded(example('firing.json')),
    'captured/alertmanager-0.25.0/03-alertmanager-resolved.json': recorded(example('resolved.json')),
    'captured/alertmanager-0.25.0/04-alertmanager-broken.json': recorded('{"alerts":'),
    'captured/alertmanager-0.25.0/05-alertmanager-form.json': {
      ...recorded('a=b'),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    },
    'captured/nagios4-4.4.6/01-service-PROBLEM.json': { argv: [], env: {} },
    'captured/nagios4-4.4.6/02-oitc-host-PROBLEM.json': {
      argv: '--type Host --notificationtype PROBLEM --hostname web-1 --hostaddress 192.0.2.1 --hoststate 1 --output Down'.split(
        ' ',
      ),
      env: {},
    },
    'vendor/grafana/1.json': { alerts: [{ labels: {} }] },
    'vendor/watchdog/1.json': { title: 'Slow', level: 'error' },
  };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), JSON.stringify(content));
  }
  cpSync(join(root, 'integrations/sources/grafana/examples/firing.json'), join(folder, 'vendor/grafana/2.json'));

  const { status, lines } = runCorpus(
    'captured',
    'vendor',
    '--use',
    'webhook',
    '--as',
    'nagios4=nagios',
    '--as',
    'oitc=openitcockpit',
  );
  expect(lines).toEqual([
    'no source yet  alertmanager   captured/alertmanager-0.25.0/01-as-slack.json  no request to a source',
    expect.stringMatching(
      /^passed {9}alertmanager {3}captured\/alertmanager-0\.25\.0\/02-\S+ {2}Firing · critical: \S/,
    ),
    expect.stringMatching(
      /^passed {9}alertmanager {3}captured\/alertmanager-0\.25\.0\/03-\S+ {2}Resolved · was critical: \S/,
    ),
    expect.stringMatching(/^failed {9}alertmanager {3}captured\/alertmanager-0\.25\.0\/04-\S+ {2}422 .*JSON/),
    expect.stringMatching(/^failed {9}alertmanager {3}captured\/alertmanager-0\.25\.0\/05-\S+ {2}415 content-type/),
    expect.stringMatching(/^failed {9}nagios {9}captured\/nagios4-4\.4\.6\/01-\S+ {2}notify: .*type/),
    expect.stringMatching(
      /^passed {9}openitcockpit {2}captured\/nagios4-4\.4\.6\/02-\S+ {2}Firing · critical: .*web-1/,
    ),
    expect.stringMatching(/^failed {9}grafana {8}vendor\/grafana\/1\.json {2}422 .*alerts\[0\]\.status: is missing$/),
    expect.stringMatching(/^passed {9}grafana {8}vendor\/grafana\/2\.json {2}Firing · critical: \S/),
    'passed         watchdog       vendor/watchdog/1.json  Firing · error: Slow',
    '5 passed, 4 failed, 1 no source yet',
  ]);
  expect(status).toBe(1);

  expect(runCorpus('vendor/watchdog')).toEqual({
    status: 0,
    lines: ['no source yet  watchdog  vendor/watchdog/1.json', '0 passed, 0 failed, 1 no source yet'],
  });
});
