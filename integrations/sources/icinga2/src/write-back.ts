import { type HttpWriteBack, openUrl, outcomeOf, requiredObject, secret, TocsinError, z } from '@tocsin/core';
import { acknowledgeRequest, readAction, readStatus, removeAcknowledgementRequest, statusRequest } from './api.ts';

const settings = z.strictObject({
  url: openUrl().describe('Where the API listens, such as https://icinga.example.com:5665'),
  user: z.string().min(1).describe('An ApiUser that may acknowledge and read hosts and services'),
  password: secret().describe('Its password'),
});

/** By Icinga 2's API, which is asked afterwards whether it holds. */
export const writeBack: HttpWriteBack = {
  kind: 'http',
  settings,
  auth: { kind: 'basic', user: 'user', password: 'password' },
  actions: ['acknowledge', 'unacknowledge'],
  request({ action, actor, comment, alert }, given, [acted, seen]) {
    const { url } = given as z.output<typeof settings>; // the host has read them by the schema above
    const of = requiredObject(alert);
    const isWanted = action === 'acknowledge';
    if (!acted)
      return isWanted
        ? acknowledgeRequest(url, { ...of, author: actor, comment })
        : removeAcknowledgementRequest(url, of);
    if (!seen) {
      if (readAction(acted) === 'no-problem') throw over();
      return statusRequest(url, of);
    }
    const { isProblem, isAcknowledged } = readStatus(seen, of);
    if (isWanted && !isProblem) throw over();
    if (isAcknowledged === isWanted) return undefined;
    throw new TocsinError(
      'egress',
      `Icinga 2 took it, and shows it ${isAcknowledged ? 'acknowledged' : 'not acknowledged'}`,
      {
        remedy: 'See Icinga 2’s log, and try again.',
      },
    );
  },
  // What it refuses comes with a status that `request` knows to read.
  outcome(response) {
    const outcome = outcomeOf(response);
    return outcome.outcome === 'retry' ? outcome : { outcome: 'delivered' };
  },
};

function over(): TocsinError {
  return new TocsinError('payload', 'Icinga 2 says that this is no problem any more', {
    remedy: 'Its recovery is on the way, or was lost: look at Icinga 2.',
  });
}
