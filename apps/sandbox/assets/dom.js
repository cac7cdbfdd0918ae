export const byId = (id) => document.getElementById(id);

/** An element of the page’s own; its text goes in as text. */
export function make(tag, content, attributes = {}) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...(Array.isArray(content) ? content : [content]));
  return element;
}

/** Changes a text only where it is another, so that nothing is read out twice. */
export function say(id, text) {
  if (byId(id).textContent !== text) byId(id).textContent = text;
}
