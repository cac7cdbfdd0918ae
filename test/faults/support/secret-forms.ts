/** The ways in which a secret may stand in a text. */
export function formsOf(secret: string): Record<string, string> {
  return {
    raw: secret,
    percent: encodeURIComponent(secret),
    base64: Buffer.from(secret).toString('base64'),
    base64url: Buffer.from(secret).toString('base64url'),
    json: JSON.stringify(secret).slice(1, -1),
    html: secret.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`),
    htmlNames: secret
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;'),
  };
}
