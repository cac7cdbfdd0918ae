import { type Fields, isFields } from './fields.ts';
import { formatMoment } from './moment.ts';
import { type MrkdwnOptions, renderMrkdwn } from './mrkdwn.ts';
import { decodeEntities } from './mrkdwn-control.ts';
import { renderBlocks } from './slack-block.ts';
import { linked, type ViewNode, type ViewStyle, view } from './view.ts';

/** Slack's three named colours, as its reference describes them: green, yellow, red. */
const NAMED: Record<string, string> = { good: '#2eb886', warning: '#daa038', danger: '#a30200' };

/**
 * What a reader sees of a message's attachments.
 * https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments
 */
export function renderAttachments(attachments: unknown, options: MrkdwnOptions): ViewNode[] {
  if (!Array.isArray(attachments)) return [];
  return attachments.filter(isFields).flatMap((attachment) => renderAttachment(attachment, options));
}

function renderAttachment(attachment: Fields, options: MrkdwnOptions): ViewNode[] {
  const inside = renderBlocks(attachment.blocks, options);
  const body = inside.length > 0 ? inside : renderFields(attachment, options);
  if (body.length === 0 && isText(attachment.fallback)) body.push(view('p', [decodeEntities(attachment.fallback)]));
  const pretext = isText(attachment.pretext)
    ? [view('div', renderNamed('pretext', attachment.pretext, attachment, options), { style: 'text' })]
    : [];
  const colour = colourOf(attachment.color);
  return [...pretext, view('div', body, { style: 'attachment', ...(colour && { colour }) })];
}

function renderFields(attachment: Fields, options: MrkdwnOptions): ViewNode[] {
  const nodes: ViewNode[] = [];
  const paragraph = (children: ViewNode[], style: ViewStyle) => nodes.push(view('p', children, { style }));
  if (isText(attachment.author_name)) {
    paragraph([linked(attachment.author_link, [decodeEntities(attachment.author_name)])], 'author');
  }
  if (isText(attachment.title)) paragraph([linked(attachment.title_link, [decodeEntities(attachment.title)])], 'title');
  if (isText(attachment.text)) {
    nodes.push(view('div', renderNamed('text', attachment.text, attachment, options), { style: 'text' }));
  }
  const fields = Array.isArray(attachment.fields) ? attachment.fields.filter(isFields) : [];
  if (fields.length > 0) {
    nodes.push(
      view(
        'dl',
        fields.map((field) => renderField(field, attachment, options)),
        { style: 'columns' },
      ),
    );
  }
  for (const address of [attachment.image_url, attachment.thumb_url].filter(isText)) {
    nodes.push(view('span', [linked(address, ['🖼 image'])], { style: 'image' }));
  }
  const footer = [isText(attachment.footer) ? decodeEntities(attachment.footer) : '', stampOf(attachment.ts, options)];
  if (footer.some(isText)) paragraph([footer.filter(isText).join(' | ')], 'footer');
  return nodes;
}

function renderField(field: Fields, attachment: Fields, options: MrkdwnOptions): ViewNode {
  const value = isText(field.value) ? renderNamed('fields', field.value, attachment, options) : [];
  const title = isText(field.title) ? [view('dt', [decodeEntities(field.title)])] : [];
  return view('div', [...title, ...(value.length > 0 ? [view('dd', value)] : [])], {
    style: field.short === true ? 'field short' : 'field',
  });
}

/** Attachments format only what `mrkdwn_in` names; `<…>` holds everywhere. */
function renderNamed(name: string, text: string, attachment: Fields, options: MrkdwnOptions): ViewNode[] {
  const named = Array.isArray(attachment.mrkdwn_in) && attachment.mrkdwn_in.includes(name);
  return renderMrkdwn(text, { ...options, formatting: named });
}

function stampOf(stamp: unknown, options: MrkdwnOptions): string {
  const seconds = Number(stamp);
  if ((typeof stamp !== 'number' && !isText(stamp)) || !(Math.abs(seconds) < 2e11)) return '';
  return formatMoment(new Date(seconds * 1000), '{date_short} {time}', options) ?? '';
}

function colourOf(colour: unknown): string | undefined {
  if (typeof colour !== 'string') return undefined;
  if (Object.hasOwn(NAMED, colour)) return NAMED[colour];
  return /^#?[0-9a-f]{6}$/i.test(colour) ? `#${colour.replace('#', '')}` : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
