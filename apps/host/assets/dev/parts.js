import { buildNode } from '/view.js';

/** An element of this page’s own. Strings go in as text nodes; there is no way from a payload to markup. */
export function make(tag, attributes = {}, ...content) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...content.flat().filter((part) => part !== undefined && part !== false && part !== ''));
  return element;
}

/** What people see of a message. */
export function drawn(nodes) {
  return nodes.map((node) => buildNode(node, document));
}

/** A link, where the address is one that a page may link to; its words alone where it isn’t. */
export function anchor(address, words = address) {
  if (!/^https?:\/\//i.test(address ?? '')) return make('span', {}, words);
  return make('a', { href: address, target: '_blank', rel: 'noopener noreferrer' }, words);
}

/** Exact text. It scrolls, so it takes the focus. */
export function exact(text, key, label) {
  return make('pre', { tabindex: '0', 'data-key': key, role: 'group', 'aria-label': label }, text);
}

export function chip(kind, words, hint) {
  return make('span', { class: `chip ${kind}`, title: hint }, words);
}

/** What opens and closes; it stays as the reader left it while the page follows the files. */
export function fold(key, summary, content, { open = false } = {}) {
  return make(
    'details',
    { 'data-key': key, open, class: 'fold' },
    make('summary', { 'data-key': `${key} summary` }, summary),
    content,
  );
}

export function copyButton(text, key, what) {
  const button = make(
    'button',
    { type: 'button', class: 'copy', 'data-key': key, 'aria-label': `Copy ${what}` },
    'Copy',
  );
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(text).catch(() => {});
    button.textContent = 'Copied';
    setTimeout(() => {
      button.textContent = 'Copy';
    }, 1500);
  });
  return button;
}

export function count(number, one, many = `${one}s`) {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`;
}

/** A sentence of ours, in which backticks stand around what is typed. */
export function coded(sentence) {
  return sentence.split('`').map((part, index) => (index % 2 === 1 ? make('code', {}, part) : part));
}

/** Something that went wrong: where, what, what to do, and the lines around it. */
export function trouble({ where, message, remedy, frame }, key) {
  return make(
    'div',
    { class: 'trouble' },
    make('p', { class: 'what' }, where && make('code', { class: 'where' }, where), ' ', message),
    frame && codeFrame(frame, `${key} frame`),
    remedy && make('p', { class: 'remedy' }, '→ ', coded(remedy)),
  );
}

/** Lines of a file with their numbers; the one in question has a caret below its column. */
export function codeFrame({ file, line, column, first, lines }, key) {
  const width = String(first + lines.length).length;
  const rows = lines.flatMap((text, index) => {
    const number = first + index;
    const row = make(
      'span',
      { class: number === line ? 'line at' : 'line' },
      make('span', { class: 'number', 'aria-hidden': 'true' }, `${String(number).padStart(width)} `),
      `${text}\n`,
    );
    if (number !== line) return [row];
    // Tabs stay tabs, so that the caret stands where the column is.
    const before = text.slice(0, column - 1).replace(/[^\t]/g, ' ');
    return [row, make('span', { class: 'caret', 'aria-hidden': 'true' }, `${' '.repeat(width + 1)}${before}^\n`)];
  });
  return make(
    'pre',
    {
      class: 'frame',
      tabindex: '0',
      'data-key': key,
      role: 'group',
      'aria-label': `${file}, line ${line}, column ${column}`,
    },
    rows,
  );
}

/** How much of each limit the texts take. */
export function bars(lengths) {
  const limited = lengths.flatMap(({ part, length, limits }) =>
    limits.map(({ target, limit }) => bar(part, length, target, limit)),
  );
  const free = lengths.filter(({ limits }) => limits.length === 0);
  const words = free.map(({ part, length }) => `${part} ${length.toLocaleString('en')}`).join(' · ');
  return make(
    'div',
    { class: 'bars' },
    limited,
    words && make('p', { class: 'quiet' }, `${words} long; no target here limits ${free.length > 1 ? 'them' : 'it'}`),
  );
}

function bar(part, length, target, limit) {
  const over = length - limit;
  const kind = over > 0 ? 'over' : length > limit * 0.9 ? 'near' : 'within';
  const words = `${length.toLocaleString('en')} of ${limit.toLocaleString('en')}`;
  const fill = make('div', { class: 'fill' });
  // Over it, the bar is the text and the mark is where the target's limit cuts it.
  fill.style.setProperty('--part', `${Math.min(100, (length / limit) * 100)}%`);
  const meter = make(
    'div',
    {
      class: `bar ${kind}`,
      role: 'meter',
      'aria-label': `${part}, of what ${target} takes`,
      'aria-valuemin': '0',
      'aria-valuemax': String(limit),
      'aria-valuenow': String(Math.min(length, limit)),
      'aria-valuetext': words,
    },
    fill,
  );
  const mark = make('div', { class: 'mark' });
  if (over > 0) {
    mark.style.setProperty('--part', `${(limit / length) * 100}%`);
    meter.append(mark);
  }
  return make(
    'div',
    { class: 'length' },
    make('span', {}, part, ' ', make('span', { class: 'quiet' }, target)),
    meter,
    make(
      'span',
      { class: 'figures' },
      words,
      over > 0 && make('strong', {}, ` · ${over.toLocaleString('en')} over, cut`),
    ),
  );
}

/** A difference as `diff` shows it; the signs stay, so that colour is not all that tells. */
export function difference(text, key) {
  const kinds = { '+': 'added', '-': 'removed' };
  const rows = text.split('\n').map((line) => make('span', { class: kinds[line[0]] ?? 'same' }, `${line}\n`));
  return make(
    'pre',
    {
      class: 'difference',
      tabindex: '0',
      'data-key': key,
      role: 'group',
      'aria-label': 'The difference: - expected, + now',
    },
    rows,
  );
}
