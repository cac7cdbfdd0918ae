/** Text that every store and every medium can hold: NUL and lone surrogates become U+FFFD. */
export function wellFormed(text: string): string {
  return (text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text).toWellFormed();
}

/**
 * Any text as one word that a header, an address and every medium show as it is: letters, digits and `-` stay, all else
 * is percent-encoded. Two texts never become one.
 */
export function plainId(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[_.!~*'()]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

const unstorableEscape = /\\(u0000|u[dD][89a-fA-F][0-9a-fA-F]{2}|.)/g;

/** JSON text of a value, in which NUL and lone surrogates are U+FFFD: JSON.stringify escapes exactly those. */
export function wellFormedJson(value: unknown): string {
  const json = JSON.stringify(value) ?? 'null';
  if (!json.includes('\\u')) return json;
  return json.replace(unstorableEscape, (escaped, kind: string) =>
    kind === 'u0000' || kind.length === 5 ? '\uFFFD' : escaped,
  );
}
