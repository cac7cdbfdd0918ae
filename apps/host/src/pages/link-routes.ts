import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Failure } from '../api/failure.ts';
import type { ReadHandle } from '../presses/handles.ts';
import { basePath } from './address.ts';
import { answerFailure } from './error-page.ts';
import { html } from './html.ts';
import { sendPage } from './layout.ts';
import type { PageContext } from './pages.ts';
import { groupName } from './parts.ts';
import { severityMark, statusMark } from './status.ts';

/** Characters of the name that somebody gives. */
const longestName = 60;

type LinkRequest = FastifyRequest<{ Params: { token: string }; Body: URLSearchParams | undefined }>;

/**
 * `/a/<token>`: acknowledges one alert, for whoever has a message with the link. Looking changes nothing, because
 * programs look at every link that goes by; only the form acts. Who that is nobody has checked, and the log says so.
 */
export function registerLinks(scope: FastifyInstance, pages: PageContext): void {
  const { host, mask, now } = pages;

  scope.get('/a/:token', async (request: LinkRequest, reply) => {
    const found = await read(request.params.token, pages);
    if ('status' in found) return answerFailure(request, reply, host, found);
    const { group } = found;
    const name = mask.text(groupName(group).name);
    const address = `${basePath(host.url)}/a/${request.params.token}`;
    return sendPage(reply, host, {
      title: `Acknowledge: ${name}`,
      main: html`<h1><bdi>${name}</bdi></h1>
<p>${statusMark(group.status)} ${severityMark(group.severity)} <span class="quiet">from ${group.source}</span></p>
<form class="sign-in" method="post" action="${address}">
<div class="field">
<label for="name">Your name</label>
<input id="name" name="name" maxlength="${longestName}" required autocomplete="name" aria-describedby="hint">
<p class="quiet" id="hint">Others see who has it. Nobody checks the name, and the log says so.</p>
</div>
<button type="submit" class="first">Acknowledge</button>
</form>
<p class="quiet">Nothing has happened so far. <a href="${basePath(host.url)}/g/${group.id}">See the alert</a>, which needs a sign-in.</p>`,
    });
  });

  scope.post('/a/:token', async (request: LinkRequest, reply) => {
    const found = await read(request.params.token, pages);
    if ('status' in found) return answerFailure(request, reply, host, found);
    const given = (request.body?.get('name') ?? '').replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
    if (given === '' || given.length > longestName) return answerFailure(request, reply, host, nameless);
    const actor = `${given} (by link, not verified)`;
    const { group, incarnation } = found;
    const acted = await host.presses.act({ action: 'acknowledge', group: group.id, incarnation, actor });
    if ('refused' in acted) return answerFailure(request, reply, host, acted.refused);
    host.log.info({ group: group.id, at: now() }, 'acknowledged by a link');
    return sendPage(reply, host, done(acted.changed));
  });
}

async function read(token: string, { host }: PageContext) {
  const held: ReadHandle = host.handles.read(token, { link: 'acknowledge' });
  if (held === 'expired') return expired;
  const group = held && (await host.store.query.group(held.group));
  if (!held || !group) return unknown;
  if (group.status === 'resolved') return over;
  if (group.incarnation !== held.incarnation) return older;
  return { group, incarnation: held.incarnation };
}

function done(isChanged: boolean) {
  const title = isChanged ? 'Acknowledged' : 'Nothing changed';
  const text = isChanged
    ? 'You have it. Everybody who was told of the alert sees that.'
    : 'You had acknowledged it already.';
  return { title, main: html`<h1>${title}</h1>\n<p class="banner done" role="status">${text}</p>` };
}

const unknown: Failure = {
  status: 404,
  code: 'not-found',
  message: 'this link is not whole, or is not of this hub',
  remedy: 'Copy all of it from the message.',
};

const expired: Failure = {
  status: 410,
  code: 'expired',
  message: 'this link is too old; nothing was changed',
  remedy: 'Open the alert, sign in, and act there.',
};

const over: Failure = {
  status: 409,
  code: 'resolved',
  message: 'the alert is over; nothing was changed',
  remedy: 'There is nothing to do.',
};

const older: Failure = {
  status: 409,
  code: 'older-incarnation',
  message: 'the alert has fired again since this message; nothing was changed',
  remedy: 'Take the link of the newest message.',
};

const nameless: Failure = {
  status: 422,
  code: 'invalid',
  message: `the name is missing, or longer than ${longestName} characters`,
  remedy: 'Go back and write your name.',
};
