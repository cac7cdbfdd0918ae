import type { MarkdownInline, MarkdownRoot } from './tree.ts';

/**
 * A message without what is for the eye: rules, and lines below it that are links and nothing else ("Runbook ·
 * Dashboard") or labels such as `job=api`. What a message begins with is no aside, unless it is labels.
 */
export function withoutAsides({ children }: MarkdownRoot): MarkdownRoot {
  const kept = children.filter((block, index) => {
    if (block.type !== 'paragraph') return block.type !== 'thematicBreak';
    const parts = block.children.filter((node) => !isSeparator(node));
    const isAside = parts.length > 0 && parts.every((node) => node.type === 'link' || isLabel(node));
    return !isAside || (index === 0 && !parts.some(isLabel));
  });
  return { type: 'root', children: kept };
}

function isSeparator(node: MarkdownInline): boolean {
  return node.type === 'break' || (node.type === 'text' && /^[\s·•|,;/-]*$/.test(node.value));
}

function isLabel(node: MarkdownInline): boolean {
  return node.type === 'inlineCode' && /^[^\s=]+=/.test(node.value);
}
