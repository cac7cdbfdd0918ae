import type { Position } from './fault.ts';
import type { BlockName, HelperName } from './helpers.ts';

/** A template as the interpreter walks it: Handlebars' tree, checked and without what we don't run. */
export type TemplateNode = TextNode | ValueNode | BlockNode;

export interface TextNode {
  type: 'text';
  value: string;
  position: Position;
}

export interface ValueNode {
  type: 'value';
  expression: Expression;
}

export interface BlockNode {
  type: 'block';
  name: BlockName;
  subject: Expression;
  options: Readonly<Record<string, Expression>>;
  /** The names after `as |…|`. */
  locals: readonly string[];
  body: readonly TemplateNode[];
  /** What stands after `{{else}}`; undefined without one. */
  otherwise: readonly TemplateNode[] | undefined;
  position: Position;
}

export type Expression = LiteralExpression | PathExpression | CallExpression;

export interface LiteralExpression {
  type: 'literal';
  value: string | number | boolean | null | undefined;
  text: string;
  position: Position;
}

export interface PathExpression {
  type: 'path';
  /** `../labels.name` reads a context, `@index` a loop's data, `item.name` what `as |item|` named. */
  from: 'context' | 'data' | 'local';
  /** The data's or the local's name; empty for a context. */
  name: string;
  /** How many contexts, or loops, outwards. */
  depth: number;
  keys: readonly string[];
  text: string;
  position: Position;
}

export interface CallExpression {
  type: 'call';
  helper: HelperName;
  values: readonly Expression[];
  options: Readonly<Record<string, Expression>>;
  text: string;
  position: Position;
}
