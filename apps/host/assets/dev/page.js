import { caseBlocks, checkBlocks, howtoBlocks, overviewBlocks, stateOf } from './blocks.js';
import { make, trouble } from './parts.js';
import { patch, remember } from './place.js';

const byId = (id) => document.getElementById(id);
let snapshot;
let place = readPlace();

remember(document);
addEventListener('hashchange', () => {
  const before = place;
  place = readPlace();
  render();
  if (before.show !== place.show || before.example !== place.example) {
    scrollTo({ top: 0, behavior: 'instant' });
    byId('main').focus({ preventScroll: true });
  }
});
byId('skip').addEventListener('click', (event) => {
  // The address says what is shown; a jump must not change it.
  event.preventDefault();
  byId('main').focus();
});
follow();

function follow() {
  const events = new EventSource('/events');
  events.addEventListener('open', () => connected(true));
  events.addEventListener('error', () => connected(false));
  events.addEventListener('message', (event) => {
    snapshot = JSON.parse(event.data);
    announce(render());
  });
}

function connected(isLive) {
  const words = isLive ? 'Live' : 'Ended; it goes on here when tocsin dev runs again at this address';
  if (byId('connection').textContent !== words) byId('connection').textContent = words;
  document.body.classList.toggle('ended', !isLive);
}

/** What the address asks for: `#example=firing&medium=slack`, `#show=checks`. */
function readPlace() {
  const asked = new URLSearchParams(location.hash.slice(1));
  const example = asked.get('example') ?? undefined;
  return { show: asked.get('show') ?? 'example', example, medium: asked.get('medium') ?? undefined };
}

function addressOf({ show, example, medium }) {
  const words = new URLSearchParams();
  if (show !== 'example') words.set('show', show);
  if (show === 'example' && example !== undefined) words.set('example', example);
  if (medium !== undefined) words.set('medium', medium);
  return `#${words}`;
}

/** Shows the newest state at the reader’s place. Returns the keys of what changed. */
function render() {
  if (!snapshot) return [];
  const { preview, troubles, checks, at, took } = snapshot;
  byId('took').textContent = `Shown at ${new Date(at).toLocaleTimeString()}, in ${took.toLocaleString('en')} ms`;
  showTroubles(troubles, preview !== undefined);
  document.title = titleOf(snapshot);
  if (!preview) {
    byId('title').textContent = 'Not to be shown yet';
    return [];
  }
  byId('package').textContent =
    `${preview.kind === 'source' ? 'Source' : 'Target'} · ${preview.name} ${preview.version}`;
  byId('title').textContent = preview.title;
  byId('summary').textContent = preview.summary;
  byId('main').classList.toggle('stale', troubles.length > 0);
  const one = preview.cases.find(({ name }) => name === place.example) ?? preview.cases[0];
  showPlaces(preview, checks, one?.name);
  showMedia(preview);
  byId('blocks').classList.toggle('narrow', place.show === 'all' && preview.media.includes(place.medium));
  return patch(byId('blocks'), blocksOf(preview, checks, one));
}

function blocksOf(preview, checks, one) {
  const medium = preview.media.includes(place.medium) ? place.medium : undefined;
  if (place.show === 'all') return overviewBlocks(preview, medium);
  if (place.show === 'howto') return howtoBlocks(preview);
  if (place.show === 'checks') return checks ? checkBlocks(checks, preview) : [];
  return one ? caseBlocks(one, { kind: preview.kind, medium, media: preview.media }) : [];
}

function showTroubles(troubles, isStale) {
  const blocks = troubles.map((one, index) => ({
    key: `${index} ${one.where}`,
    data: one,
    build: (data) => trouble(data, `trouble ${index}`),
  }));
  const words = 'This can’t be shown as it is now.';
  const from = isStale ? ' What follows is from before.' : '';
  const head = { key: 'head', data: from, build: () => make('p', { class: 'head' }, make('strong', {}, words), from) };
  patch(byId('troubles'), troubles.length > 0 ? [head, ...blocks] : []);
}

function showPlaces(preview, checks, current) {
  const entry = (show, words, state, example) => {
    const isHere = place.show === show && (show !== 'example' || example === current);
    const isApart = show === 'checks' || example === preview.cases[0]?.name;
    const data = { address: addressOf({ show, example, medium: place.medium }), words, state, isHere, isApart };
    return { key: `${show} ${example ?? ''}`, data, build: buildEntry };
  };
  const failed = checks?.results.filter(({ ok }) => !ok).length ?? 0;
  const checkState =
    snapshot.troubles.length > 0
      ? { kind: 'quiet', sign: '–', words: 'not run' }
      : !checks
        ? { kind: 'quiet', sign: '…', words: 'running' }
        : failed > 0
          ? { kind: 'bad', sign: '✗', words: `${failed} fail` }
          : { kind: 'good', sign: '✓', words: 'all hold' };
  patch(byId('places'), [
    ...(preview.media.length > 0 ? [entry('all', 'All examples')] : []),
    ...preview.cases.map((one) => entry('example', one.name, stateOf(one), one.name)),
    entry('checks', 'Checks', checkState),
    entry('howto', 'How to connect'),
  ]);
}

function buildEntry({ address, words, state, isHere, isApart }) {
  const sign =
    state &&
    make(
      'span',
      { class: `sign ${state.kind}`, title: state.words },
      make('span', { 'aria-hidden': 'true' }, state.sign),
      make('span', { class: 'unseen' }, ` ${state.words}`),
    );
  return make(
    'li',
    { class: isApart && 'apart' },
    make('a', { href: address, 'aria-current': isHere && 'page', 'data-key': address }, make('span', {}, words), sign),
  );
}

function showMedia({ media }) {
  const isShown = media.length > 0 && (place.show === 'all' || place.show === 'example');
  byId('media').hidden = !isShown;
  const names = isShown ? [undefined, ...media] : [];
  const blocks = names.map((name) => {
    const isPressed = name === place.medium || (name === undefined && !media.includes(place.medium));
    return { key: name ?? '', data: { name, isPressed }, build: buildMedium };
  });
  patch(byId('media'), blocks);
}

function buildMedium({ name, isPressed }) {
  // What is patched keeps the focus of its inside.
  const button = make(
    'button',
    { type: 'button', 'aria-pressed': String(isPressed), 'data-key': name ?? 'every' },
    name ?? 'every medium',
  );
  button.addEventListener('click', () => {
    location.hash = addressOf({ ...place, medium: name });
  });
  return make('li', {}, button);
}

/** A word in the tab, for who looks at it from the editor. */
function titleOf({ troubles, preview, checks }) {
  const wrong = troubles.length > 0 || preview?.cases.some((one) => stateOf(one).kind !== 'good');
  const failed = checks?.results.some(({ ok }) => !ok);
  const sign = wrong || failed ? '✗' : checks ? '✓' : '…';
  return [`${sign} ${preview?.title ?? ''}`.trim(), 'tocsin dev'].join(' · ');
}

function announce(changed) {
  if (changed.length === 0 || snapshot.troubles.length > 0) return;
  const names = changed.map((key) => key.split('/').at(-1));
  byId('announcement').textContent =
    `Changed: ${names.slice(0, 4).join(', ')}${names.length > 4 ? ` and ${names.length - 4} more` : ''}`;
}
