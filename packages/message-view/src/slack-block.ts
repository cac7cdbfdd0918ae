import { type Fields, isFields } from './fields.ts';
import { type MrkdwnOptions, renderMrkdwn, renderPlain } from './mrkdwn.ts';
import { renderRichText } from './rich-text.ts';
import { actionOf } from './slack-action.ts';
import { linked, type ViewAction, type ViewNode, type ViewStyle, view } from './view.ts';

/** What a reader sees of a list of blocks. https://docs.slack.dev/reference/block-kit/blocks */
export function renderBlocks(blocks: unknown, options: MrkdwnOptions): ViewNode[] {
  return list(blocks)
    .filter(isFields)
    .flatMap((block) => renderBlock(block, options));
}

function renderBlock(block: Fields, options: MrkdwnOptions): ViewNode[] {
  switch (block.type) {
    case 'header':
      return [view('h4', renderText(block.text, options), { style: 'heading' })];
    case 'section':
      return [renderSection(block, options)];
    case 'context':
      return [
        view(
          'div',
          list(block.elements).map((element) => view('span', renderElement(element, options, block))),
          { style: 'context' },
        ),
      ];
    case 'actions':
    case 'context_actions':
      return [
        view(
          'div',
          list(block.elements).flatMap((element) => renderElement(element, options, block)),
          { style: 'context' },
        ),
      ];
    case 'divider':
      return [view('hr', [])];
    case 'image':
      return [renderImage(block, options)];
    case 'rich_text':
      return renderRichText(block.elements, options);
    case 'markdown':
      return [
        view('p', [String(block.text)], { style: 'source', hint: 'Slack renders this Markdown; here is its source' }),
      ];
    case 'table':
      return [renderTable(block.rows, options)];
    default:
      return [
        view('p', [`A block of type ${String(block.type)}, which this page doesn’t draw`], { style: 'placeholder' }),
      ];
  }
}

function renderSection(section: Fields, options: MrkdwnOptions): ViewNode {
  const text = isFields(section.text) ? [view('div', renderText(section.text, options), { style: 'text' })] : [];
  const fields = list(section.fields).map((field) => view('div', renderText(field, options), { style: 'field short' }));
  const body = [...text, ...(fields.length > 0 ? [view('div', fields, { style: 'columns' })] : [])];
  const accessory = renderElement(section.accessory, options, section);
  if (accessory.length === 0) return view('div', body, { style: 'section' });
  return view('div', [view('div', body, { style: 'section' }), ...accessory], { style: 'with-accessory' });
}

/** A text object. https://docs.slack.dev/reference/block-kit/composition-objects/text-object */
function renderText(text: unknown, options: MrkdwnOptions): ViewNode[] {
  if (!isFields(text) || typeof text.text !== 'string') return [];
  if (text.type === 'plain_text') return renderPlain(text.text, text.emoji !== false);
  const verbatim = text.verbatim === true;
  const names = options.names === 'yes' ? 'yes' : verbatim ? 'no' : 'maybe';
  return renderMrkdwn(text.text, { ...options, formatting: true, names, verbatim });
}

function renderElement(element: unknown, options: MrkdwnOptions, block: Fields): ViewNode[] {
  if (!isFields(element)) return [];
  switch (element.type) {
    case 'plain_text':
    case 'mrkdwn':
      return renderText(element, options);
    case 'image':
      return [renderImage(element, options)];
    case 'button':
      return [
        withAction(
          linked(element.url, renderText(element.text, options), buttonStyle(element.style)),
          actionOf(element, block),
        ),
      ];
    default: {
      const placeholder = renderText(element.placeholder, options);
      const label = placeholder.length > 0 ? placeholder : [String(element.type).replaceAll('_', ' ')];
      return [withAction(view('span', [...label, ' ▾'], { style: 'button' }), actionOf(element, block))];
    }
  }
}

function withAction(node: ViewNode, action: ViewAction | undefined): ViewNode {
  return action && typeof node !== 'string' ? { ...node, action } : node;
}

function buttonStyle(style: unknown): ViewStyle {
  return style === 'primary' || style === 'danger' ? `button ${style}` : 'button';
}

/** The page loads nothing from elsewhere: an image is its description and a link. */
function renderImage(image: Fields, options: MrkdwnOptions): ViewNode {
  const file = isFields(image.slack_file) ? image.slack_file.url : undefined;
  const title = renderText(image.title, options);
  const description = linked(image.image_url ?? file, [`🖼 ${String(image.alt_text) || 'image'}`]);
  return view('span', [...title, ...(title.length > 0 ? [' '] : []), description], { style: 'image' });
}

/** https://docs.slack.dev/reference/block-kit/blocks/table-block */
function renderTable(rows: unknown, options: MrkdwnOptions): ViewNode {
  const cell = (value: unknown): ViewNode => {
    if (!isFields(value)) return view('td', []);
    const inside = value.type === 'rich_text' ? renderRichText(value.elements, options) : [String(value.text ?? '')];
    return view('td', inside);
  };
  return view('table', [
    view(
      'tbody',
      list(rows).map((row) => view('tr', list(row).map(cell))),
    ),
  ]);
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
