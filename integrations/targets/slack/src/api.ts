import type { HttpRequest } from '@tocsin/core';
import type { Settings } from './settings.ts';

/** A call with a JSON body. https://docs.slack.dev/apis/web-api/#post-bodies */
export function call(settings: Settings, method: string, body: object): HttpRequest {
  return {
    method: 'POST',
    url: urlOf(settings, method),
    headers: { ...authorization(settings), 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(body),
  };
}

/** A call that only reads. */
export function ask(settings: Settings, method: string, query: Record<string, string>): HttpRequest {
  return {
    method: 'GET',
    url: `${urlOf(settings, method)}?${new URLSearchParams(query)}`,
    headers: authorization(settings),
  };
}

function authorization({ token }: Settings): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

function urlOf({ apiUrl }: Settings, method: string): string {
  return `${apiUrl.replace(/\/+$/, '')}/${method}`;
}
