import type { Fault } from '../errors.ts';
import { type Position, unusable } from './fault.ts';
import { type BlockName, blockHelpers, type HelperName, valueHelpers } from './helpers.ts';
import { nearest } from './nearest.ts';
import type { Expression, PathExpression, TemplateNode } from './nodes.ts';
import { readUsage } from './usage.ts';

const deepest = 64;

/** Throws a TocsinError `template` that lists every fault of the program with its position. */
export function readNodes(program: hbs.AST.Program, file: string): TemplateNode[] {
  const reader = new Reader(file);
  const nodes = reader.readProgram(program, [], 0);
  const [first, ...rest] = reader.faults.sort(byPosition);
  if (first) throw unusable(file, [first, ...rest], 'Templates are Handlebars with a fixed set of helpers.');
  return nodes;
}

/** Turns Handlebars' tree into ours and collects what is wrong with it. */
class Reader {
  readonly faults: Fault[] = [];
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  readProgram(program: hbs.AST.Program | undefined, locals: readonly string[], depth: number): TemplateNode[] {
    return program?.body.flatMap((statement) => this.#readStatement(statement, locals, depth) ?? []) ?? [];
  }

  #readStatement(statement: hbs.AST.Statement, locals: readonly string[], depth: number): TemplateNode | undefined {
    switch (statement.type) {
      case 'ContentStatement': {
        const { value } = statement as hbs.AST.ContentStatement;
        return value === '' ? undefined : { type: 'text', value, position: positionOf(statement) };
      }
      case 'MustacheStatement': {
        const mustache = statement as hbs.AST.MustacheStatement;
        const { path, params, hash } = mustache;
        const isCall = params.length > 0 || hash !== undefined;
        const expression = isCall ? this.#readCall(mustache, locals, depth) : this.#readLookup(path, locals);
        return { type: 'value', expression };
      }
      case 'BlockStatement':
        return this.#readBlock(statement as hbs.AST.BlockStatement, locals, depth);
      case 'CommentStatement':
        return undefined;
      default:
        this.#fault(statement, `${kinds[statement.type] ?? statement.type} are not supported`);
        return undefined;
    }
  }

  #readBlock(block: hbs.AST.BlockStatement, locals: readonly string[], depth: number): TemplateNode | undefined {
    const name = block.path.original;
    if (!isBlock(name)) {
      this.#fault(block, notABlock(name, block.params.length));
      return undefined;
    }
    if (depth >= deepest) {
      this.#fault(block, `it is nested more than ${deepest} deep`);
      return undefined;
    }
    const names = block.program?.blockParams ?? [];
    if (names.length > mostLocals[name])
      this.#fault(block, `${name} names at most ${mostLocals[name]} with \`as |…|\``);
    this.#checkUsage(block, name, blockHelpers[name].usage);
    const [subject] = block.params;
    return {
      type: 'block',
      name,
      subject: subject ? this.#readExpression(subject, locals, depth) : nothing(block),
      options: this.#readOptions(block.hash, locals, depth),
      locals: names,
      body: this.readProgram(block.program, [...locals, ...names], depth + 1),
      otherwise: block.inverse && this.readProgram(block.inverse, locals, depth + 1),
      position: positionOf(block),
    };
  }

  #readExpression(expression: hbs.AST.Expression, locals: readonly string[], depth: number): Expression {
    const position = positionOf(expression);
    switch (expression.type) {
      case 'PathExpression':
        return this.#readPath(expression as hbs.AST.PathExpression, locals);
      case 'SubExpression': {
        if (depth < deepest) return this.#readCall(expression as hbs.AST.SubExpression, locals, depth + 1);
        this.#fault(expression, `it is nested more than ${deepest} deep`);
        return nothing(expression);
      }
      case 'NullLiteral':
        return { type: 'literal', value: null, text: 'null', position };
      case 'UndefinedLiteral':
        return nothing(expression);
      default: {
        const { value } = expression as hbs.AST.StringLiteral | hbs.AST.NumberLiteral | hbs.AST.BooleanLiteral;
        return { type: 'literal', value, text: JSON.stringify(value), position };
      }
    }
  }

  #readCall(
    call: hbs.AST.MustacheStatement | hbs.AST.SubExpression,
    locals: readonly string[],
    depth: number,
  ): Expression {
    const name = String((call.path as hbs.AST.PathExpression).original);
    const values = call.params.map((param) => this.#readExpression(param, locals, depth));
    const options = this.#readOptions(call.hash, locals, depth);
    if (!isHelper(name)) {
      this.#fault(call, isBlock(name) ? `${name} is a block: {{#${name} …}}…{{/${name}}}` : unknownHelper(name));
      return nothing(call);
    }
    this.#checkUsage(call, name, valueHelpers[name].usage);
    const text = [name, ...values.map((value) => (value.type === 'call' ? `(${value.text})` : value.text))].join(' ');
    return { type: 'call', helper: name, values, options, text, position: positionOf(call) };
  }

  #readOptions(
    hash: hbs.AST.Hash | undefined,
    locals: readonly string[],
    depth: number,
  ): Readonly<Record<string, Expression>> {
    const pairs = hash?.pairs ?? [];
    return Object.fromEntries(pairs.map(({ key, value }) => [key, this.#readExpression(value, locals, depth)]));
  }

  /** What stands alone in brackets is a field, also where a helper has the same name: none works without values. */
  #readLookup(path: hbs.AST.PathExpression | hbs.AST.Literal, locals: readonly string[]): PathExpression {
    if (path.type === 'PathExpression') return this.#readPath(path as hbs.AST.PathExpression, locals);
    const key = String((path as hbs.AST.StringLiteral).original);
    return { type: 'path', from: 'context', name: '', depth: 0, keys: [key], text: key, position: positionOf(path) };
  }

  #readPath(path: hbs.AST.PathExpression, locals: readonly string[]): PathExpression {
    const { depth, parts } = path;
    const position = positionOf(path);
    const [first = '', ...rest] = parts;
    const text = textOfPath(path);
    if (path.data) {
      if (!dataNames.includes(first)) {
        this.#fault(path, `there is no @${first}; there are @${dataNames.join(', @')}`);
      }
      return { type: 'path', from: 'data', name: first, depth, keys: rest, text, position };
    }
    const scoped = depth > 0 || /^(this\b|\.)/.test(path.original);
    if (!scoped && locals.includes(first)) {
      return { type: 'path', from: 'local', name: first, depth: 0, keys: rest, text, position };
    }
    return { type: 'path', from: 'context', name: '', depth, keys: parts, text, position };
  }

  #checkUsage(call: { params: unknown[]; hash?: hbs.AST.Hash } & hbs.AST.Node, name: string, usage: string): void {
    const { least, most, options } = readUsage(usage);
    if (call.params.length < least || call.params.length > most) {
      this.#fault(
        call,
        `${name} is written {{${usage}}}; here it has ${call.params.length} value${call.params.length === 1 ? '' : 's'}`,
      );
    }
    for (const { key } of call.hash?.pairs ?? []) {
      if (options.includes(key)) continue;
      this.#fault(call, `${name} has no option ${key}${options.length > 0 ? `; it has ${options.join(', ')}` : ''}`);
    }
  }

  #fault(node: hbs.AST.Node, message: string): void {
    this.faults.push({ path: '', message, file: this.#file, ...positionOf(node) });
  }
}

function byPosition(left: Fault, right: Fault): number {
  return (left.line ?? 0) - (right.line ?? 0) || (left.column ?? 0) - (right.column ?? 0);
}

const dataNames = ['root', 'index', 'key', 'first', 'last'];
const mostLocals: Record<BlockName, number> = { if: 0, unless: 0, each: 2, with: 1 };
const kinds: Record<string, string> = {
  PartialStatement: 'partials ({{> …}})',
  PartialBlockStatement: 'partials ({{#> …}})',
  Decorator: 'decorators ({{* …}})',
  DecoratorBlock: 'inline partials and decorators ({{#* …}})',
};

function isBlock(name: string): name is BlockName {
  return Object.hasOwn(blockHelpers, name);
}

function isHelper(name: string): name is HelperName {
  return Object.hasOwn(valueHelpers, name);
}

function unknownHelper(name: string): string {
  const meant = nearest(name, [...Object.keys(valueHelpers), ...Object.keys(blockHelpers)]);
  return `there is no helper ${name}${meant ? `; did you mean ${meant}?` : ''}`;
}

function notABlock(name: string, values: number): string {
  if (isHelper(name)) return `${name} is no block, it gives a value: {{#if (${name} …)}}`;
  if (values > 0) return unknownHelper(name);
  return `there is no block ${name}; use {{#each ${name}}}, {{#with ${name}}} or {{#if ${name}}}`;
}

function nothing(node: hbs.AST.Node): Expression {
  return { type: 'literal', value: undefined, text: 'undefined', position: positionOf(node) };
}

/** Handlebars counts columns from 0. */
function positionOf({ loc }: hbs.AST.Node): Position {
  return { line: loc.start.line, column: loc.start.column + 1 };
}

function textOfPath({ data, depth, parts }: hbs.AST.PathExpression): string {
  if (parts.length === 0) return depth === 0 ? 'this' : Array(depth).fill('..').join('/');
  const keys = parts.map((part) => (/^[\p{L}\p{N}_$-]+$/u.test(part) ? part : `[${part}]`));
  return `${data ? '@' : ''}${'../'.repeat(depth)}${keys.join('.')}`;
}
