/**
 * A message as every medium gets it: a small, closed part of mdast (https://github.com/syntax-tree/mdast). Whatever
 * a medium doesn't know how to show, it shows as its text. There is no raw markup and nothing is fetched; URLs are
 * http, https or mailto.
 */
export interface MarkdownRoot {
  type: 'root';
  children: MarkdownBlock[];
}

export type MarkdownBlock =
  | MarkdownParagraph
  | MarkdownHeading
  | MarkdownCode
  | MarkdownList
  | MarkdownBlockquote
  | MarkdownThematicBreak;

export type MarkdownInline =
  | MarkdownText
  | MarkdownStrong
  | MarkdownEmphasis
  | MarkdownInlineCode
  | MarkdownLink
  | MarkdownBreak;

export type MarkdownNode = MarkdownRoot | MarkdownBlock | MarkdownListItem | MarkdownInline;

export interface MarkdownParagraph {
  type: 'paragraph';
  children: MarkdownInline[];
}

/** One line. */
export interface MarkdownHeading {
  type: 'heading';
  depth: 1 | 2 | 3 | 4 | 5 | 6;
  children: MarkdownInline[];
}

export interface MarkdownCode {
  type: 'code';
  /** The language's name, a plain word. */
  lang?: string;
  value: string;
}

export interface MarkdownList {
  type: 'list';
  ordered: boolean;
  /** The first number of an ordered list. */
  start?: number;
  children: MarkdownListItem[];
}

export interface MarkdownListItem {
  type: 'listItem';
  children: MarkdownBlock[];
}

export interface MarkdownBlockquote {
  type: 'blockquote';
  children: MarkdownBlock[];
}

export interface MarkdownThematicBreak {
  type: 'thematicBreak';
}

/** Without line breaks: those are `break` nodes. */
export interface MarkdownText {
  type: 'text';
  value: string;
}

export interface MarkdownStrong {
  type: 'strong';
  children: MarkdownInline[];
}

export interface MarkdownEmphasis {
  type: 'emphasis';
  children: MarkdownInline[];
}

/** One line. */
export interface MarkdownInlineCode {
  type: 'inlineCode';
  value: string;
}

export interface MarkdownLink {
  type: 'link';
  url: string;
  /** One line, without links. */
  children: MarkdownInline[];
}

export interface MarkdownBreak {
  type: 'break';
}
