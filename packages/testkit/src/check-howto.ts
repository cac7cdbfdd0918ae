import { join } from 'node:path';
import type { Integration, Verification } from '@tocsin/core';
import { cleanHowto, pictureName, removedFromHowto } from '@tocsin/core/howto';
import { listFiles } from './files.ts';
import type { Report } from './result.ts';

/** What the host would fill in: an address of its own, and a key of which every character must survive. */
const values = { url: 'https://alerts.example.com/hub/in/prod', key: 'k-7Qm2_xT~9' };

/** How-to pages are fragments that the host fills in and cleans, as here; what it would take out is a fault. */
export async function checkHowto(integration: Integration, report: Report): Promise<void> {
  const { howto, kind, folder } = integration;
  const shown = cleanHowto(howto, values);
  const removed = removedFromHowto(howto);
  const faults = [
    ...(removed.length > 0 ? [`the host takes out ${removed.join(', ')}`] : []),
    ...(/<ol[\s>]/.test(shown) ? [] : ['its steps are not numbered (<ol>)']),
    ...(kind === 'source' ? addressFaults(shown, integration.definition.verify) : []),
    // `{{.data.stage}}` is a vendor's own: a template of Go.
    ...(/\{\{(?!\s*\.)/.test(shown) ? ['it shows {{: only {{url}} and {{key}} are filled in, for a source'] : []),
    ...linkFaults(shown),
    ...pictureFaults(howto, await listFiles(join(folder, 'howto'))),
  ];
  report.add(
    'howto.html',
    'howto',
    faults,
    'Write numbered steps as an HTML fragment, with {{url}} and {{key}} where they belong.',
  );
}

/** What SNS sends has its own proof, and a key has no business there. */
function addressFaults(shown: string, verify: Verification | undefined): string[] {
  const text = shown.replace(/<[^>]*>/g, '');
  const { key, ...address } = values;
  return Object.entries(verify?.kind === 'sns' ? address : { ...address, key })
    .filter(([, value]) => !text.includes(value))
    .map(([name]) => `it lacks {{${name}}}`);
}

/** On what the sanitiser wrote: lower case, quoted, closed. */
function linkFaults(shown: string): string[] {
  return [...shown.matchAll(/<a( [^>]*)?>(.*?)<\/a>/gs)].flatMap(([, attributes = '', inner = '']) => {
    const text = inner.replace(/<[^>]*>/g, '').trim();
    if (text === '' && !/<img [^>]*alt="[^"]/.test(inner)) return ['a link has no text'];
    return attributes.includes('href="') ? [] : [`the link ${JSON.stringify(text)} leads nowhere`];
  });
}

function pictureFaults(howto: string, files: readonly string[]): string[] {
  return [...howto.matchAll(/<img\b[^>]*>/gi)].flatMap(([image]) => {
    const name = pictureName(/\ssrc="([^"]*)"/i.exec(image)?.[1] ?? '');
    const faults = /\salt="[^"]+"/i.test(image) ? [] : [`a picture has no alt text: ${image}`];
    if (name === undefined) return [...faults, `a picture is not in the folder howto: ${image}`];
    return files.includes(name) ? faults : [...faults, `howto/${name} is missing`];
  });
}
