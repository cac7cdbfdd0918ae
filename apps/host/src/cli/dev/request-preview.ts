import { formatCurl, type NotificationInput, type SourceTemplates } from '@tocsin/core';
import { isFields, type Reader, type ViewNode, viewSlackMessage } from '@tocsin/message-view';
import { runTargetCase } from '@tocsin/testkit';
import type { LocalTarget } from './local-targets.ts';
import type { RequestPreview, Trouble } from './preview.ts';
import { type RenderNotes, textIn } from './texts.ts';
import { troublesOf } from './trouble.ts';

/** What a target would send first for a notification. */
export function previewRequest(
  target: LocalTarget,
  input: NotificationInput,
  templates: SourceTemplates,
  { now, notes }: { now: number; notes: RenderNotes },
): RequestPreview {
  const { id, medium, integration } = target;
  const { limits } = integration.definition;
  const { lengths } = textIn(medium, input, templates, { now, notes, limits: [{ target: id, ...limits }] });
  const base = { target: id, medium, lengths };
  try {
    const { request, text, faults } = runTargetCase(target, input, templates, now);
    const troubles = faults
      .filter((fault) => !notes.told.has(fault))
      .map((message): Trouble => ({ where: `target ${id}`, message }));
    const { body = '' } = request;
    const view = drawn(medium, body, { now: new Date(now), zone: 'UTC' });
    return { ...base, text, curl: formatCurl(request), bytes: Buffer.byteLength(body), view, troubles };
  } catch (error) {
    return {
      ...base,
      text: '',
      curl: '',
      bytes: 0,
      view: [],
      troubles: troublesOf(error, integration.folder, `target ${id}`),
    };
  }
}

/** What people see of a request; nothing where its medium says nothing about the bodies of requests. */
function drawn(medium: string, body: string, reader: Reader): ViewNode[] {
  if (medium !== 'slack') return [];
  const payload = parsed(body);
  return isFields(payload) ? viewSlackMessage(payload, reader).content : [];
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
