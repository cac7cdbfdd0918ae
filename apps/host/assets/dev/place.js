/** What each block shows, so that one whose data stayed the same is left alone. */
const shown = new WeakMap();

/**
 * Makes a parent show these blocks (`{key, data, build}`) with as little change as possible. What is open stays open,
 * what is scrolled stays scrolled, what has the focus keeps it, and the block at the top of the window stays there.
 * Returns the keys of blocks that were here before and changed.
 */
export function patch(parent, blocks) {
  const anchor = anchorOf(parent);
  const before = new Map([...parent.children].map((element) => [shown.get(element)?.key, element]));
  const changed = [];
  const elements = blocks.map(({ key, data, build }) => {
    const json = JSON.stringify(data);
    const old = before.get(key);
    if (old && shown.get(old).json === json) return old;
    const element = build(data);
    shown.set(element, { key, json });
    if (old) {
      changed.push(key);
      element.classList.add('changed');
      old.replaceWith(element);
      carry(old, element);
    }
    return element;
  });
  for (const element of [...parent.children]) if (!elements.includes(element)) element.remove();
  for (const [index, element] of elements.entries()) {
    if (parent.children[index] !== element) parent.insertBefore(element, parent.children[index] ?? null);
  }
  restore(parent, anchor);
  return changed;
}

/** The first block that the reader sees something of, and where it stands. */
function anchorOf(parent) {
  for (const element of parent.children) {
    const { top, bottom } = element.getBoundingClientRect();
    if (bottom > 0) return { key: shown.get(element)?.key, top };
  }
  return undefined;
}

function restore(parent, anchor) {
  if (!anchor || scrollY === 0) return;
  const element = [...parent.children].find((child) => shown.get(child)?.key === anchor.key);
  if (element) scrollBy({ top: element.getBoundingClientRect().top - anchor.top, behavior: 'instant' });
}

function carry(old, fresh) {
  const found = new Map([...fresh.querySelectorAll('[data-key]')].map((element) => [element.dataset.key, element]));
  for (const element of old.querySelectorAll('[data-key]')) {
    const twin = found.get(element.dataset.key);
    if (!twin) continue;
    if (element.tagName === 'DETAILS') twin.open = element.open;
    // A removed element has forgotten where it was scrolled to: see `remember`.
    const position = scrolled.get(element);
    if (position) [twin.scrollTop, twin.scrollLeft] = position;
    if (element === focused) twin.focus({ preventScroll: true });
  }
}

const scrolled = new WeakMap();
let focused;

/** Follows scrolling and focus, which an element loses as it leaves the page. */
export function remember(root) {
  root.addEventListener('scroll', ({ target }) => scrolled.set(target, [target.scrollTop, target.scrollLeft]), true);
  root.addEventListener('focusin', ({ target }) => {
    focused = target;
  });
  root.addEventListener('focusout', ({ target }) => {
    // One that is taken out of the page keeps its claim; one that the reader leaves doesn't.
    if (target.isConnected)
      queueMicrotask(() => {
        if (focused === target && target.isConnected && document.activeElement !== target) focused = undefined;
      });
  });
}
