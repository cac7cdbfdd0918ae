import { emojiOf } from './emoji.ts';
import { type Fields, isFields } from './fields.ts';
import type { Reader } from './moment.ts';
import { controlNode } from './mrkdwn-control.ts';
import { linked, type ViewNode, view } from './view.ts';

/** What a reader sees of a rich text block. https://docs.slack.dev/reference/block-kit/blocks/rich-text-block */
export function renderRichText(elements: unknown, reader: Reader): ViewNode[] {
  return list(elements).map((element) => renderContainer(element, reader));
}

function renderContainer(element: Fields, reader: Reader): ViewNode {
  const leaves = () => list(element.elements).map((leaf) => renderLeaf(leaf, reader));
  switch (element.type) {
    case 'rich_text_list':
      return view(
        element.style === 'ordered' ? 'ol' : 'ul',
        list(element.elements).map((item) => view('li', [renderContainer(item, reader)])),
      );
    case 'rich_text_quote':
      return view('blockquote', leaves());
    case 'rich_text_preformatted':
      return view('pre', leaves());
    default:
      return view('p', leaves());
  }
}

function renderLeaf(leaf: Fields, reader: Reader): ViewNode {
  const node = leafNode(leaf, reader) ?? `(${String(leaf.type)})`;
  const style = isFields(leaf.style) ? leaf.style : {};
  return (['code', 'strike', 'italic', 'bold'] as const).reduce<ViewNode>(
    (inside, name) => (style[name] === true ? view(STYLE_TAGS[name], [inside]) : inside),
    node,
  );
}

const STYLE_TAGS = { code: 'code', strike: 'del', italic: 'em', bold: 'strong' } as const;

function leafNode(leaf: Fields, reader: Reader): ViewNode | undefined {
  switch (leaf.type) {
    case 'text':
      return String(leaf.text ?? '');
    case 'link':
      return linked(leaf.url, [String(leaf.text ?? leaf.url ?? '')]);
    case 'emoji':
      return emojiOf(String(leaf.name)) ?? `:${String(leaf.name)}:`;
    case 'user':
      return controlNode(`@${String(leaf.user_id)}`, reader);
    case 'usergroup':
      return controlNode(`!subteam^${String(leaf.usergroup_id)}`, reader);
    case 'channel':
      return controlNode(`#${String(leaf.channel_id)}`, reader);
    case 'broadcast':
      return controlNode(`!${String(leaf.range)}`, reader);
    case 'date':
      return controlNode(
        `!date^${String(leaf.timestamp)}^${String(leaf.format)}|${String(leaf.fallback ?? '')}`,
        reader,
      );
    default:
      return undefined;
  }
}

function list(value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}
