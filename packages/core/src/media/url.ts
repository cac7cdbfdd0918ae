const protocols = new Set(['http:', 'https:', 'mailto:']);

/** The URL, normalised and percent-encoded; undefined if it is none or may not be linked to. */
export function safeUrl(url: string): string | undefined {
  const parsed = URL.parse(url.trim());
  return parsed && protocols.has(parsed.protocol) ? parsed.href : undefined;
}
