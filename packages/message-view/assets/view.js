/** The elements and looks that a message may have; the server’s lists, held here a second time. */
export const TAGS = new Set(
  'a blockquote code dd del div dl dt em h4 hr li ol p pre span strong table tbody td time tr ul'.split(' '),
);

export const STYLES = new Set([
  'attachment',
  'author',
  'button',
  'button danger',
  'button primary',
  'columns',
  'context',
  'field',
  'field short',
  'footer',
  'heading',
  'image',
  'mention',
  'mention maybe',
  'placeholder',
  'section',
  'source',
  'text',
  'title',
  'with-accessory',
]);

/**
 * Makes DOM of what the server says that a message looks like. Text becomes text nodes; there is no way from a
 * payload to markup, script, style or an address that isn’t a link. `buildAction` makes what people can press; without
 * it, buttons only look so.
 */
export function buildNode(view, document, buildAction) {
  if (typeof view === 'string') return document.createTextNode(view);
  if (view.action && buildAction) return buildAction(view);
  if (!TAGS.has(view.tag)) return document.createTextNode('');
  const element = document.createElement(view.tag);
  if (STYLES.has(view.style)) element.className = view.style;
  if (view.tag === 'a' && /^(?:https?|mailto):/i.test(view.link)) {
    element.setAttribute('href', view.link);
    element.setAttribute('target', '_blank');
    element.setAttribute('rel', 'noopener noreferrer');
  }
  if (view.hint) element.setAttribute('title', view.hint);
  if (view.moment) element.setAttribute('datetime', view.moment);
  if (view.tag === 'ol' && Number.isInteger(view.start)) element.setAttribute('start', String(view.start));
  if (/^#[0-9a-f]{6}$/i.test(view.colour)) element.style.setProperty('--bar', view.colour);
  element.append(...view.children.map((child) => buildNode(child, document, buildAction)));
  return element;
}
