import type { ViewElement, ViewNode } from '@tocsin/message-view';

/** As much of the DOM as the builder touches. */
export interface BuilderElement<Node> {
  className: string;
  style: { setProperty(name: string, value: string): void };
  setAttribute(name: string, value: string): void;
  append(...children: Node[]): void;
}

export interface BuilderDocument<Node> {
  createTextNode(text: string): Node;
  createElement(tag: string): Node & BuilderElement<Node>;
}

export const TAGS: ReadonlySet<string>;
export const STYLES: ReadonlySet<string>;
export function buildNode<Node>(
  view: ViewNode,
  document: BuilderDocument<Node>,
  buildAction?: (view: ViewElement) => Node,
): Node;
