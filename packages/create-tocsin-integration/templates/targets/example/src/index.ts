import { defineTarget, secret, z } from '@tocsin/core';

export default defineTarget({
  title: 'Example Chat',
  summary: 'Messages in a room of Example Chat',
  docs: 'https://example.com/docs/messages',
  settings: z.strictObject({
    url: z.url().describe('The address of the room'),
    token: secret().describe('A token that may write there'),
  }),
  // How texts are rendered and escaped; `latest` tells the present state, `every` each change in order.
  medium: 'text',
  mode: 'latest',
  limits: { title: 200, message: 4000, concurrency: 2 },
  // Texts come rendered, escaped and cut to the limits. The host sends the request, and tries it again.
  request: ({ headline, title, message, comment, link, group }, { url, token }, answers) =>
    answers.length > 0
      ? undefined
      : {
          method: 'POST',
          url,
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: JSON.stringify({
            text: [`${headline}: ${title}`, comment, message, sinceOf(group.startedAt)].filter(Boolean).join('\n\n'),
            buttons: [
              { text: 'Open alert', url: group.url },
              ...(link ? [{ text: 'Open at the source', url: link }] : []),
            ],
          }),
        },
});

function sinceOf(startedAt: number): string {
  return `Since ${new Date(startedAt).toISOString()}`;
}
