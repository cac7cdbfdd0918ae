import type { BuilderDocument } from '@tocsin/message-view/view.js';

/** Just enough of a document to see what the page's builder makes. */
export type FakeNode = FakeText | FakeElement;

export interface FakeText {
  text: string;
}

export interface FakeElement {
  tag: string;
  className: string;
  attributes: Record<string, string>;
  properties: Record<string, string>;
  style: { setProperty(name: string, value: string): void };
  children: FakeNode[];
  setAttribute(name: string, value: string): void;
  append(...children: FakeNode[]): void;
}

export const fakeDocument: BuilderDocument<FakeNode> = {
  createTextNode: (text) => ({ text }),
  createElement(tag) {
    const element: FakeElement = {
      tag,
      className: '',
      attributes: {},
      properties: {},
      style: {
        setProperty(name, value) {
          element.properties[name] = value;
        },
      },
      children: [],
      setAttribute(name, value) {
        element.attributes[name] = value;
      },
      append: (...children) => void element.children.push(...children),
    };
    return element;
  },
};

/** Every element in and below the nodes. */
export function elementsIn(nodes: FakeNode[]): FakeElement[] {
  return nodes.flatMap((node) => ('tag' in node ? [node, ...elementsIn(node.children)] : []));
}

export function textIn(nodes: FakeNode[]): string {
  return nodes.map((node) => ('tag' in node ? textIn(node.children) : node.text)).join('');
}
