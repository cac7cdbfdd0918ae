/** The ways in which a secret may stand in a text. */
export function formsOf(secret: string): Record<string, string> {
  const names = secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return {
    raw: secret,
    percent: encodeURIComponent(secret),
    base64: Buffer.from(secret).toString('base64'),
    base64url: Buffer.from(secret).toString('base64url'),
    json: JSON.stringify(secret).slice(1, -1),
    // As Go writes it, and as most others do.
    html: names.replaceAll('"', '&#34;').replaceAll("'", '&#39;'),
    htmlNames: names.replaceAll('"', '&quot;').replaceAll("'", '&#039;'),
  };
}
