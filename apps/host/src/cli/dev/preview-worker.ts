import { parentPort } from 'node:worker_threads';
import { type Integration, media } from '@tocsin/core';
import { cleanHowto } from '@tocsin/core/howto';
import { loadIntegration } from '@tocsin/core/load';
import { viewHtml } from '@tocsin/message-view';
import { assessIntegration, checkIntegration } from '@tocsin/testkit';
import { loadTargets } from './local-targets.ts';
import type { Checks, Preview, Trouble } from './preview.ts';
import { previewSource } from './source-preview.ts';
import { previewTarget } from './target-preview.ts';
import { troublesOf } from './trouble.ts';

/** What is shown, and with what. */
export interface PreviewTask {
  folder: string;
  /** Folders of targets that requests are shown for. */
  targets: string[];
  /** What rewrites the expected files. */
  command: string;
}

/** In this order; `troubles` stands for all that would follow. */
export type FromPreviewWorker =
  | { kind: 'ready' }
  | { kind: 'preview'; preview: Preview }
  | { kind: 'checks'; checks: Checks }
  | { kind: 'troubles'; troubles: Trouble[] };

/*
 * Shows a package once, in a thread of its own: its code is loaded afresh each time, and whatever it does, an endless
 * loop included, ends with the thread. What every package needs is loaded before the task comes.
 */
const port = parentPort;
if (!port) throw new Error('this file is the thread of `tocsin dev`');
const send = (message: FromPreviewWorker): void => port.postMessage(message);
port.once('message', (task: PreviewTask) => void show(task));
send({ kind: 'ready' });

async function show(task: PreviewTask): Promise<void> {
  try {
    send({ kind: 'preview', preview: await previewPackage(task) });
    const results = await checkIntegration(task.folder, { targets: task.targets });
    send({ kind: 'checks', checks: { results, quality: await assessIntegration(task.folder, results) } });
  } catch (error) {
    send({ kind: 'troubles', troubles: troublesOf(error, task.folder, 'package.json') });
  }
}

async function previewPackage({ folder, targets: folders, command }: PreviewTask): Promise<Preview> {
  const integration = await loadIntegration(folder);
  const { kind, name, version, definition } = integration;
  const { title, summary, docs } = definition;
  const base = { kind, name, version, title, summary, docs, folder, howto: howtoOf(integration) };
  if (integration.kind === 'target') {
    const cases = await previewTarget(integration, command);
    return { ...base, media: [], cases, troubles: [] };
  }
  const { targets, troubles } = await loadTargets(folders);
  const cases = await previewSource(integration, targets, command);
  return { ...base, media: Object.keys(media), cases, troubles };
}

/** The how-to page with an address and a key as an operator's might be. */
function howtoOf({ howto, id }: Integration) {
  return viewHtml(cleanHowto(howto, { url: `https://alerts.example.com/in/${id}`, key: 'the-key' }));
}
