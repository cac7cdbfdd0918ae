import {
  anchor,
  bars,
  chip,
  coded,
  codeFrame,
  copyButton,
  count,
  difference,
  drawn,
  exact,
  fold,
  make,
  trouble,
} from './parts.js';

/** More alerts than this are folded away, so that the texts stay near. */
const mostOpenAlerts = 1;

/** The blocks of one example or standard notification; `medium` narrows its texts to one. */
export function caseBlocks(one, { kind, medium, media: every }) {
  const key = (name) => `${one.name}/${name}`;
  const blocks = [block(key('head'), headOf(one), buildHead)];
  if (one.troubles.length > 0)
    blocks.push(block(key('troubles'), one.troubles, (data) => buildTroubles(data, key('t'))));
  if (one.payload !== undefined && !medium) {
    const { alerts, rejected, payload, name } = one;
    blocks.push(block(key('alerts'), { alerts, rejected, payload, name }, (data) => buildAlerts(data, key('alerts'))));
  }
  for (const [index, telling] of one.tellings.entries()) {
    const inGroup = (name) => key(`${index}/${name}`);
    const { group, link, image } = telling;
    const isNamed = one.tellings.length > 1;
    if (isNamed || link || image) blocks.push(block(inGroup('group'), { group, link, image, isNamed }, buildGroup));
    for (const text of telling.texts) {
      if (medium && text.medium !== medium) continue;
      const at = inGroup(text.medium);
      blocks.push(block(at, { ...text, isOne: kind === 'target' }, (data) => buildText(data, at)));
    }
    for (const request of telling.requests) {
      if (medium && request.medium !== medium) continue;
      const at = inGroup(`request ${request.target}`);
      blocks.push(block(at, request, (data) => buildRequest(data, at, kind === 'target')));
    }
  }
  const missing = one.missing.filter(({ media }) => !medium || media.includes(medium));
  if (missing.length > 0) {
    blocks.push(block(key('missing'), missing, (data) => buildMissing(data, key('missing'), every)));
  }
  if (one.expected.difference !== undefined) {
    blocks.push(block(key('difference'), one.expected, (data) => buildDifference(data, key('difference'))));
  }
  return blocks;
}

/** Every example with the texts of the chosen medium, or of all, as people see them. */
export function overviewBlocks(preview, medium) {
  return preview.cases.map((one) => {
    const texts = one.tellings.flatMap(({ texts }) => texts.filter((text) => !medium || text.medium === medium));
    const { name, troubles } = one;
    return block(`all/${name}`, { name, troubles, texts, state: stateOf(one) }, buildOverview);
  });
}

export function checkBlocks(checks, preview) {
  const { results, quality } = checks;
  const failed = results.filter(({ ok }) => !ok);
  const passed = results.filter(({ ok }) => ok);
  return [
    block('checks/head', { failed: failed.length, passed: passed.length, quality }, buildCheckHead),
    ...preview.troubles.map((data, index) =>
      block(`checks/target ${index}`, data, (data) => make('section', {}, trouble(data, 'target'))),
    ),
    ...failed.map((result) => block(`checks/${result.file} ${result.rule}`, result, buildCheck)),
    block('checks/passed', passed, buildPassed),
  ];
}

export function howtoBlocks(preview) {
  return [
    block('howto', preview.howto, (nodes) =>
      make(
        'section',
        {},
        make('h2', {}, 'How to connect'),
        note('As an operator sees it, with an address and a key filled in.'),
        make('div', { class: 'content howto' }, drawn(nodes)),
      ),
    ),
  ];
}

/** What is to be said about an example in a word. */
export function stateOf({ troubles, expected, missing, tellings }) {
  if (troubles.length > 0) return { kind: 'bad', sign: '✗', words: count(troubles.length, 'problem') };
  if (expected.difference !== undefined) return { kind: 'warm', sign: '≠', words: 'differs from the expected file' };
  const over = tellings.some(({ texts }) => texts.some(({ lengths }) => lengths.some(isOver)));
  const notes = [missing.length > 0 && count(missing.length, 'missing field'), over && 'cut by a limit'].filter(
    Boolean,
  );
  return { kind: 'good', sign: '✓', words: ['as expected', ...notes].join(', ') };
}

function isOver({ length, limits }) {
  return limits.some(({ limit }) => length > limit);
}

function block(key, data, build) {
  return { key, data, build };
}

function note(words, tag = 'p') {
  return make(tag, { class: 'quiet note' }, words);
}

function headOf(one) {
  const { name, origin, missing } = one;
  return { name, origin, missing: missing.length, state: stateOf(one) };
}

function buildHead({ name, origin, state }) {
  return make(
    'section',
    { class: 'head' },
    make('h2', {}, name, ' ', chip(state.kind, `${state.sign} ${state.words}`)),
    origin && make('p', { class: 'quiet' }, origin.url ? anchor(origin.url, origin.text) : origin.text),
  );
}

function buildTroubles(troubles, key) {
  return make(
    'section',
    { class: 'bad-ground' },
    make('h3', {}, count(troubles.length, 'problem')),
    troubles.map((one, index) => trouble(one, `${key} ${index}`)),
  );
}

function buildAlerts({ alerts, rejected, payload, name }, key) {
  const statuses = Object.entries(Object.groupBy(alerts, ({ status }) => status));
  const counts = statuses.map(([status, list]) => `${list.length} ${status}`);
  if (rejected.length > 0) counts.push(`${rejected.length} refused`);
  const refused = rejected.map((words) => make('li', { class: 'alert' }, chip('bad', 'refused'), ' ', words));
  return make(
    'section',
    {},
    fold(
      key,
      make(
        'span',
        {},
        make('span', { class: 'h3' }, `Read as ${count(alerts.length, 'alert')} `),
        note(counts.join(', '), 'span'),
      ),
      [make('ul', { class: 'alerts' }, alerts.map(buildAlert), refused)],
      { open: alerts.length <= mostOpenAlerts },
    ),
    fold(`${key} payload`, make('span', {}, 'The payload, ', make('code', {}, `examples/${name}.json`)), [
      exact(payload, `${key} payload text`, 'The payload'),
    ]),
  );
}

function buildAlert({ status, severity, fingerprint, group, labels, facts }) {
  return make(
    'li',
    { class: 'alert' },
    make('p', {}, chip(`status ${status}`, status), ' ', chip(`severity ${severity}`, severity)),
    make(
      'ul',
      { class: 'labels' },
      labels.map(([name, value]) => make('li', {}, make('b', {}, name), '=', value)),
    ),
    make(
      'dl',
      { class: 'facts' },
      [['fingerprint', fingerprint], ['group', group], ...facts].map(([name, value]) =>
        make('div', {}, make('dt', {}, name), make('dd', {}, make('code', {}, value))),
      ),
    ),
  );
}

function buildGroup({ group, link, image, isNamed }) {
  return make(
    'section',
    { class: 'group' },
    isNamed && make('h3', {}, 'Group ', make('code', {}, group)),
    link && make('p', { class: 'page' }, make('span', { class: 'quiet' }, 'Its link leads to '), anchor(link)),
    image && make('p', { class: 'page' }, make('span', { class: 'quiet' }, 'Its picture is '), anchor(image)),
  );
}

function buildText({ medium, headline, title, message, view, lengths, isOne }, key) {
  const id = `heading ${key}`.replaceAll(/[^\w-]/g, '-');
  return make(
    'section',
    { class: 'card', 'aria-labelledby': id, 'data-medium': medium },
    make('h3', { id }, isOne ? `The texts, as ${medium}` : medium),
    make(
      'div',
      { class: 'pair' },
      make('div', { class: 'side' }, make('p', { class: 'caption' }, 'As people see it'), look(medium, view)),
      make(
        'div',
        { class: 'side' },
        make('p', { class: 'caption' }, 'Exactly'),
        exact(`${headline}\n${title}\n\n${message}`, `${key} exact`, `The exact text in ${medium}`),
      ),
    ),
    bars(lengths),
  );
}

function look(medium, { headline, title, message }) {
  return make(
    'div',
    { class: 'content look', 'data-medium': medium },
    make('div', { class: 'headline' }, drawn(headline)),
    make('div', { class: 'subject' }, drawn(title)),
    make('div', { class: 'body' }, drawn(message)),
  );
}

function buildRequest({ target, medium, text, curl, bytes, view, lengths, troubles }, key, isTarget) {
  const [first = ''] = text.split('\n', 1);
  const content = [
    troubles.map((one, index) => trouble(one, `${key} ${index}`)),
    view.length > 0 &&
      make(
        'div',
        { class: 'side' },
        make('p', { class: 'caption' }, 'As people see it'),
        make('div', { class: 'content look', 'data-medium': medium }, drawn(view)),
      ),
    text && make('p', { class: 'caption' }, 'The request, its JSON laid out'),
    text && exact(text, `${key} text`, `The request to ${target}`),
    curl && make('p', { class: 'caption' }, 'As curl ', copyButton(curl, `${key} copy`, 'the curl command')),
    curl && exact(curl, `${key} curl`, `The request to ${target} as curl`),
    !isTarget && bars(lengths),
  ];
  const summary = make(
    'span',
    {},
    make('span', { class: 'h3' }, isTarget ? 'The request' : `Through ${target}`),
    ' ',
    troubles.length > 0 && chip('bad', `✗ ${count(troubles.length, 'problem')}`),
    ' ',
    make('code', { class: 'first-line' }, first),
    ' ',
    make('span', { class: 'quiet' }, `${medium}, ${count(bytes, 'byte')}`),
  );
  return make('section', { class: 'request' }, fold(key, summary, content, { open: isTarget || troubles.length > 0 }));
}

function buildMissing(missing, key, every) {
  return make(
    'section',
    {},
    make('h3', {}, `${count(missing.length, 'field')} that templates read and this payload lacks`),
    note(
      'They are shown as nothing. Where that reads badly, put the text around it into {{#if …}}, or give a {{default … "…"}}.',
    ),
    missing.map(({ path, media, where, frame }, index) =>
      make(
        'div',
        { class: 'missing' },
        make(
          'p',
          {},
          make('code', { class: 'path' }, path),
          ' at ',
          make('code', { class: 'where' }, where),
          ' ',
          make('span', { class: 'quiet' }, inMedia(media, every)),
        ),
        frame && codeFrame({ ...frame, ...onlyLine(frame) }, `${key} ${index}`),
      ),
    ),
  );
}

function inMedia(media, every) {
  return media.length === every.length ? 'in every medium' : `in ${media.join(', ')}`;
}

/** The one line in question. */
function onlyLine({ line, first, lines }) {
  return { first: line, lines: [lines[line - first]] };
}

function buildDifference({ file, difference: text, command }, key) {
  return make(
    'section',
    {},
    make('h3', {}, 'What differs from ', make('code', {}, file)),
    difference(text, `${key} text`),
    make(
      'p',
      { class: 'note' },
      'If it is meant so, rewrite the expected files: ',
      make('code', {}, command),
      ' ',
      copyButton(command, `${key} copy`, 'the command'),
    ),
  );
}

function buildOverview({ name, texts, troubles, state }) {
  return make(
    'section',
    {},
    make(
      'h2',
      {},
      make('a', { href: `#example=${encodeURIComponent(name)}`, 'data-key': `all ${name}` }, name),
      ' ',
      chip(state.kind, `${state.sign} ${state.words}`),
    ),
    troubles.map((one, index) => trouble(one, `all ${name} ${index}`)),
    make(
      'div',
      { class: 'sheet' },
      texts.map(({ medium, view }) =>
        make('div', { class: 'side' }, make('p', { class: 'caption' }, medium), look(medium, view)),
      ),
    ),
  );
}

function buildCheckHead({ failed, passed, quality }) {
  const { level, next, missing } = quality;
  return make(
    'section',
    { class: 'head' },
    make(
      'h2',
      {},
      'Checks ',
      failed > 0 ? chip('bad', `✗ ${failed} of ${failed + passed} fail`) : chip('good', `✓ all ${passed} hold`),
    ),
    make('p', {}, 'Quality: ', make('strong', {}, level), next && missing.length > 0 && `. For ${next} it lacks:`),
    next &&
      make(
        'ul',
        {},
        missing.map((words) => make('li', {}, words)),
      ),
  );
}

function buildCheck({ file, rule, message, remedy }) {
  return make(
    'section',
    { class: 'bad-ground check' },
    make('h3', {}, make('code', { class: 'where' }, file), ' ', chip('bad', `✗ ${rule}`)),
    make('p', { class: 'message' }, message),
    make('p', { class: 'remedy' }, '→ ', coded(remedy)),
  );
}

function buildPassed(passed) {
  return make(
    'section',
    {},
    fold('passed', make('span', { class: 'h3' }, `${count(passed.length, 'check')} that hold`), [
      make(
        'ul',
        { class: 'passed' },
        passed.map(({ file, rule, message }) => make('li', {}, '✓ ', make('code', {}, file), ` ${rule}: ${message}`)),
      ),
    ]),
  );
}
