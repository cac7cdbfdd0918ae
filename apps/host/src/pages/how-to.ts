import { formatCurl, type Integration } from '@tocsin/core';
import { pictureName } from '@tocsin/core/howto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { readDemo } from '../api/demo.ts';
import type { HostContext } from '../context.ts';
import { isRightPlace } from '../ingest/keys.ts';
import { answerFailure } from './error-page.ts';
import { cleanedHowto, type Html, html } from './html.ts';
import { type Page, sendPage } from './layout.ts';
import { sendPicture } from './picture.ts';

export interface HowTo {
  /** The vendor's name of the product. */
  title: string;
  /** The integration's `howto.html`, as it is in the package. */
  html: string;
  /** The source's address without its key. */
  url: string;
  key: string;
  sourceId: string;
  /** A line that raises a demo alert. */
  curl?: string;
}

/** The page that says how to connect one source, with its address and key filled in: as secret as the key itself. */
export function howToPage({ title, html: howto, url, key, sourceId, curl }: HowTo): Page {
  const address = addressOf(url, key);
  return {
    title: `Connect ${title}`,
    referrer: 'no-referrer',
    main: html`<h1>Connect source <bdi>${sourceId}</bdi></h1>
<dl class="facts">
<div><dt>Address</dt><dd><code>${url}</code></dd></div>
<div><dt>Key</dt><dd><code>${key}</code> <span class="quiet">as Bearer token, basic password or <code>X-Tocsin-Key</code></span></dd></div>
<div><dt>Both in one</dt><dd><code>${address}</code></dd></div>
</dl>
<p class="quiet">Whoever has the key can raise alerts here, so keep this page’s address to yourself.</p>
<div class="howto">
${cleanedHowto(howto, { url, key })}
</div>
${curl !== undefined && tryOut(curl)}`,
  };
}

/**
 * Answers `GET /in/<source>/<key>` once the key was checked: the page, and under `howto/` the pictures of its
 * integration.
 */
export async function sendHowTo(
  request: FastifyRequest,
  reply: FastifyReply,
  context: HostContext,
): Promise<FastifyReply> {
  const { caller } = request;
  const source = caller && context.registry.sources.get(caller.source);
  if (!caller?.key || !source) return answerFailure(request, reply, context, nothingHere);
  const { integration } = source;
  if (caller.path !== '' && caller.path !== '/') {
    const name = caller.path.startsWith('/howto/') ? pictureName(caller.path.slice(1)) : undefined;
    const sent = name !== undefined && (await sendPicture(reply, integration.folder, name));
    return sent || answerFailure(request, reply, context, nothingHere);
  }
  const url = `${context.url}/in/${caller.source}`;
  // What must be signed, or must not come with the key in its address, can't be tried in that way.
  const isTried = !source.config.signed && isRightPlace(source, { key: caller.key, place: 'address' });
  const curl = isTried ? await demoLine(integration, addressOf(url, caller.key)) : undefined;
  const { title } = integration.definition;
  const page = howToPage({ title, html: integration.howto, url, key: caller.key, sourceId: caller.source, curl });
  return sendPage(reply, context, page);
}

const nothingHere = {
  status: 404,
  code: 'not-found',
  message: 'there is nothing at this address',
  remedy: 'The how-to page ends with the key; alerts are sent with POST.',
};

function addressOf(url: string, key: string): string {
  return `${url}/${encodeURIComponent(key)}`;
}

/** Characters of a demo payload that someone may still want to copy. */
const longestDemo = 8_000;

async function demoLine(integration: Integration, address: string): Promise<string | undefined> {
  const demo = await readDemo(integration).catch(() => undefined);
  const body = demo === undefined ? '' : JSON.stringify(demo);
  if (body === '' || body.length > longestDemo) return undefined;
  return formatCurl({ method: 'POST', url: address, headers: { 'content-type': 'application/json' }, body });
}

function tryOut(curl: string): Html {
  return html`<section aria-labelledby="try">
<h2 id="try">Try it from a terminal</h2>
<p>This line raises the example alert that comes with the integration:</p>
<pre tabindex="0" aria-labelledby="try"><code>${curl}</code></pre>
</section>`;
}
