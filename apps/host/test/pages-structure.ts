/** One element of a page. */
export interface Element {
  tag: string;
  attributes: Record<string, string>;
  /** The text of it and of what is in it, entities decoded. */
  text: string;
  /** The elements around it, the nearest last. */
  inside: string[];
}

const emptyElements = new Set(['meta', 'link', 'input', 'img', 'br', 'hr', 'path', 'rect', 'circle']);

/**
 * The elements of a page in their order. Stricter than a browser: throws on a `<` that begins no tag, on an attribute
 * without quotes, and on a tag that isn't closed. So text that broke out of its place can't go unnoticed.
 */
export function elementsOf(page: string): Element[] {
  const elements: Element[] = [];
  const open: Element[] = [];
  let rest = page.replace(/^<!doctype html>/, '');
  while (rest !== '') {
    const text = /^[^<]+/.exec(rest)?.[0];
    if (text !== undefined) {
      for (const element of open) element.text += decode(text);
      rest = rest.slice(text.length);
      continue;
    }
    const tag = /^<(\/?)([a-z][a-z0-9]*)((?:\s+[a-z][a-z-]*(?:="[^"<>]*")?)*)\s*(\/?)>/i.exec(rest);
    if (!tag) throw new Error(`no tag: ${rest.slice(0, 80)}`);
    const [whole, closing, name = '', attributes = '', selfClosing] = tag;
    rest = rest.slice(whole.length);
    if (closing) {
      const last = open.pop();
      if (last?.tag !== name) throw new Error(`</${name}> closes <${last?.tag}>`);
      continue;
    }
    const element = { tag: name, attributes: read(attributes), text: '', inside: open.map((around) => around.tag) };
    elements.push(element);
    if (!selfClosing && !emptyElements.has(name)) open.push(element);
  }
  if (open.length > 0) throw new Error(`<${open.at(-1)?.tag}> is not closed`);
  return elements;
}

/** What a page lacks that people with a keyboard or a screen reader need; empty when it lacks nothing. */
export function lacks(page: string): string[] {
  const elements = elementsOf(page);
  const all = (tag: string) => elements.filter((element) => element.tag === tag);
  const ids = elements.flatMap(({ attributes }) => (attributes.id === undefined ? [] : [attributes.id]));
  const missing: string[] = [];
  const expect = (fine: boolean, what: string) => fine || missing.push(what);

  expect(all('html')[0]?.attributes.lang === 'en', 'a language');
  expect(all('title').length === 1 && all('title')[0]?.text !== '', 'a title');
  expect(all('h1').length === 1, 'exactly one h1');
  expect(all('main').length === 1, 'exactly one main');
  expect(new Set(ids).size === ids.length, 'ids that are unique');
  const levels = elements.flatMap(({ tag }) => (/^h[1-6]$/.test(tag) ? [Number(tag[1])] : []));
  expect(
    levels.every((level, index) => index === 0 || level <= (levels[index - 1] ?? 0) + 1),
    'headings without gaps',
  );
  for (const { attributes } of all('input').filter(({ attributes }) => attributes.type !== 'hidden')) {
    const label = all('label').find((candidate) => candidate.attributes.for === attributes.id);
    expect(Boolean(label?.text.trim()), `a label for input ${attributes.id}`);
  }
  for (const { attributes, inside } of all('th')) {
    expect(attributes.scope === (inside.includes('thead') ? 'col' : 'row'), 'a scope for each th');
  }
  for (const { text } of [...all('button'), ...all('a'), ...all('summary')])
    expect(text.trim() !== '', 'a name for each control');
  for (const { attributes } of all('img')) expect(attributes.alt !== undefined, 'a text for each picture');
  for (const { attributes } of all('svg'))
    expect(attributes['aria-hidden'] === 'true', 'pictures that are hidden or named');
  for (const { attributes } of all('form')) expect(attributes.method === 'post', 'forms that post');
  expect(all('table').length === all('caption').length, 'a caption for each table');
  const references = elements.flatMap(({ attributes }) =>
    [attributes['aria-labelledby'], attributes['aria-describedby'], attributes.for].flatMap(
      (list) => list?.split(' ') ?? [],
    ),
  );
  const jumps = all('a').flatMap(({ attributes }) =>
    attributes.href?.startsWith('#') ? [attributes.href.slice(1)] : [],
  );
  for (const id of [...references, ...jumps]) expect(ids.includes(id), `an element with the id ${id}`);
  return missing;
}

/** Anything that could run, load or style besides what the policy allows. */
export function dangers(page: string): string[] {
  return elementsOf(page).flatMap(({ tag, attributes }) => {
    const active = ['script', 'style', 'iframe', 'object', 'embed', 'base', 'foreignObject'].includes(tag)
      ? [`<${tag}>`]
      : [];
    const handlers = Object.keys(attributes).filter(
      (name) => name.startsWith('on') || name === 'style' || name === 'srcdoc',
    );
    const addresses = ['href', 'src', 'action', 'formaction'].flatMap((name) => {
      const value = attributes[name];
      return value === undefined || /^(https?:\/\/|mailto:|\/|#)/.test(value) ? [] : [`${name}=${value}`];
    });
    return [...active, ...handlers, ...addresses];
  });
}

function read(attributes: string): Record<string, string> {
  const found = attributes.matchAll(/([a-z][a-z-]*)(?:="([^"]*)")?/gi);
  return Object.fromEntries([...found].map(([, name = '', value = '']) => [name.toLowerCase(), decode(value)]));
}

function decode(text: string): string {
  const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' };
  return text.replace(/&(lt|gt|quot|#39|amp);/g, (_all, name: string) => entities[name] as string);
}
