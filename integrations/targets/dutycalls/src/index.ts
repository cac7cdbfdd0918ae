import { defineTarget, z } from '@tocsin/core';
import { outcomeOfAnswer } from './answers.ts';
import { settings } from './settings.ts';
import { nextStep } from './steps.ts';

export default defineTarget({
  title: 'DutyCalls',
  summary: 'Tickets in channels of DutyCalls, with a hit for each change, closed when it is over',
  docs: 'https://docs.dutycalls.me/rest-api/',
  settings,
  auth: { kind: 'basic', user: 'login', password: 'password' },
  address: z.string().min(1).describe('The channel that gets the ticket, in place of `channels`'),
  medium: 'text',
  mode: 'latest',
  // No page names a limit, but that phones cut titles after 50 characters: sources put first what matters.
  // https://docs.dutycalls.me/getting-started/create-ticket/
  limits: { title: 200, message: 10_000 },
  // What DutyCalls posts about its tickets is a text that names none of them.
  notOffered: { actions: 'https://docs.dutycalls.me/integrations/generic-webhook/' },
  request: nextStep,
  outcome: outcomeOfAnswer,
});
