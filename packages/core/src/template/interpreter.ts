import type { Meter } from './budget.ts';
import { isTrue } from './comparison.ts';
import { textOf } from './display.ts';
import { type Place, unrenderable } from './fault.ts';
import { type ValueHelper, valueHelpers } from './helpers.ts';
import { readableKeys, readProperty } from './lookup.ts';
import type { BlockNode, CallExpression, Expression, PathExpression, TemplateNode } from './nodes.ts';

/** Where the output of a render goes. */
export interface Sink {
  writeText: (text: string) => void;
  /** `raw` is the value before it became a text. */
  writeValue: (value: string, expression: Expression, raw: unknown) => void;
}

export interface Environment {
  /** The context of the whole template. */
  root: unknown;
  strict: boolean;
  meter: Meter;
  now: number | undefined;
  zone: string;
  onMissing: ((path: string, place: Place) => void) | undefined;
  sink: Sink;
}

/** Runs a template over `environment.root`. Everything it reads, repeats and writes goes through the meter. */
export function interpret(nodes: readonly TemplateNode[], environment: Environment): void {
  new Interpreter(environment).run(nodes, { context: environment.root });
}

/** What names mean at one place of the template. */
interface Scope {
  context: unknown;
  /** What `../` leads to. */
  outer?: Scope;
  loop?: Loop;
  locals?: Locals;
}

/** The data of the loop around: @index and so on. */
interface Loop {
  index: number;
  key: string | number;
  first: boolean;
  last: boolean;
  outer: Loop | undefined;
}

interface Locals {
  name: string;
  value: unknown;
  outer: Locals | undefined;
}

class Interpreter {
  readonly #environment: Environment;
  readonly #meter: Meter;

  constructor(environment: Environment) {
    this.#environment = environment;
    this.#meter = environment.meter;
  }

  run(nodes: readonly TemplateNode[], scope: Scope): void {
    for (const node of nodes) {
      this.#meter.step();
      if (node.type === 'text') {
        this.#meter.position = node.position;
        this.#meter.write(node.value.length);
        this.#environment.sink.writeText(node.value);
      } else if (node.type === 'value') {
        const value = this.#evaluate(node.expression, scope, false);
        const text = textOf(value, this.#meter);
        this.#meter.write(text.length);
        this.#environment.sink.writeValue(text, node.expression, value);
      } else {
        this.#runBlock(node, scope);
      }
    }
  }

  #runBlock(block: BlockNode, scope: Scope): void {
    this.#meter.position = block.position;
    const { name, body, otherwise = [] } = block;
    const isTest = name === 'if' || name === 'unless';
    const subject = this.#evaluate(block.subject, scope, isTest || block.otherwise !== undefined);
    if (isTest) {
      const holds = isTrue(subject) || (subject === 0 && this.#option(block, 'includeZero', scope) === true);
      this.run(holds === (name === 'if') ? body : otherwise, scope);
    } else if (name === 'with') {
      if (isTrue(subject)) this.run(body, this.#enter(block, scope, subject, [subject], scope.loop));
      else this.run(otherwise, scope);
    } else if (!this.#runEach(block, scope, subject)) {
      this.run(otherwise, scope);
    }
  }

  /** Whether there was anything to repeat for. */
  #runEach(block: BlockNode, scope: Scope, subject: unknown): boolean {
    if (subject === null || typeof subject !== 'object') {
      if (subject !== undefined && subject !== null) this.#unfit(subject, block.subject.text, 'a list or an object');
      return false;
    }
    const keys = Array.isArray(subject) ? undefined : readableKeys(subject);
    const count = keys ? keys.length : (subject as unknown[]).length;
    for (let index = 0; index < count; index++) {
      this.#meter.step();
      const key = keys ? (keys[index] as string) : index;
      const value = readProperty(subject, String(key));
      const loop = { index, key, first: index === 0, last: index === count - 1, outer: scope.loop };
      this.run(block.body, this.#enter(block, scope, value, [value, key], loop));
    }
    return count > 0;
  }

  /** As in Handlebars, a block that keeps the context adds no `../`. */
  #enter(block: BlockNode, scope: Scope, context: unknown, named: unknown[], loop: Loop | undefined): Scope {
    let locals = scope.locals;
    for (const [index, name] of block.locals.entries()) locals = { name, value: named[index], outer: locals };
    return { context, outer: context === scope.context ? scope.outer : scope, loop, locals };
  }

  #option(block: BlockNode, name: string, scope: Scope): unknown {
    const expression = block.options[name];
    return expression && this.#evaluate(expression, scope, false);
  }

  #evaluate(expression: Expression, scope: Scope, mayBeMissing: boolean): unknown {
    this.#meter.step();
    this.#meter.position = expression.position;
    if (expression.type === 'literal') return expression.value;
    const value = expression.type === 'path' ? this.#lookUp(expression, scope) : this.#call(expression, scope);
    if (value === undefined && !mayBeMissing) {
      if (this.#environment.strict) {
        throw unrenderable('template', this.#at(expression), 'is missing', {
          path: expression.text,
          remedy: `Correct the name, or say what stands in: {{default ${expression.text} "…"}}.`,
        });
      }
      this.#environment.onMissing?.(expression.text, { file: this.#meter.file, ...expression.position });
    }
    return value;
  }

  #lookUp(path: PathExpression, scope: Scope): unknown {
    let value = this.#startOf(path, scope);
    for (const key of path.keys) {
      this.#meter.step();
      value = readProperty(value, key);
    }
    return value;
  }

  #startOf(path: PathExpression, scope: Scope): unknown {
    if (path.from === 'local') {
      let local = scope.locals;
      while (local && local.name !== path.name) local = local.outer;
      return local?.value;
    }
    if (path.from === 'data') {
      if (path.name === 'root') return this.#environment.root;
      let loop = scope.loop;
      for (let left = path.depth; left > 0; left--) loop = loop?.outer;
      return loop?.[path.name as 'index' | 'key' | 'first' | 'last'];
    }
    let at: Scope | undefined = scope;
    for (let left = path.depth; left > 0; left--) at = at?.outer;
    return at?.context;
  }

  #call(call: CallExpression, scope: Scope): unknown {
    const helper: ValueHelper = valueHelpers[call.helper];
    const values = call.values.map((value) => this.#evaluate(value, scope, helper.acceptsMissing === true));
    const options: Record<string, unknown> = {};
    for (const [name, option] of Object.entries(call.options)) options[name] = this.#evaluate(option, scope, false);
    this.#meter.position = call.position;
    for (const value of values) if (typeof value === 'string') this.#meter.read(value);
    const { meter, now, zone } = this.#environment;
    return helper.run({
      values,
      options,
      meter,
      now,
      zone,
      fail: (message, remedy) => {
        throw unrenderable('template', this.#at(call), message, { remedy });
      },
      unfit: (value, expected) => this.#unfit(value, call.text, expected),
    });
  }

  #unfit(value: unknown, subject: string, expected: string): unknown {
    if (!this.#environment.strict) return value;
    throw unrenderable('template', this.#meter, `is not ${expected}`, {
      path: subject,
      remedy: 'Correct the path, or leave out the helper.',
    });
  }

  #at({ position }: Expression): { file: string; position: Expression['position'] } {
    return { file: this.#meter.file, position };
  }
}
