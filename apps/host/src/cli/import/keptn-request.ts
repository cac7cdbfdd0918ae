import { TocsinError } from '@tocsin/core';
import { type CurlRequest, readCurl, readCurlOptions } from './curl.ts';
import type { EnvFrom, WebhookRequest } from './keptn-config.ts';
import { type Referenced, withReferences } from './keptn-secrets.ts';
import { shellWords } from './shell-words.ts';

/** A target of the integration `webhook`, but for its id. */
export interface WebhookTarget {
  settings: {
    method?: string;
    url: string;
    headers?: Record<string, string>;
    payload?: string;
    contentType?: string;
  };
  proxy?: string;
}

/** The target that a request of Keptn's becomes; none where it has no address. `lose` is told what is not carried over. */
export function toTarget(
  request: WebhookRequest,
  envFrom: readonly EnvFrom[],
  lose: (what: string) => void,
): WebhookTarget | undefined {
  const curl = readRequest(request);
  for (const what of curl.lost) lose(what);
  const [address, ...others] = curl.urls;
  for (const url of others) lose(`${url}: a second address; write a request of its own for it`);
  if (address === undefined) {
    lose('a request without an address; it is left out');
    return undefined;
  }
  const referenced = (text: string): Referenced => {
    const read = withReferences(text, envFrom);
    for (const what of read.lost) lose(what);
    return read;
  };
  /** Where nothing but secrets can be filled in. */
  const fixed = (place: string, text: string): { text: string; isWhole: boolean } => {
    const { text: filled, templates } = referenced(text);
    for (const template of templates) lose(`${template} in ${place}: only the payload is a template`);
    return { text: filled, isWhole: templates.length === 0 };
  };
  const data = curl.data.length > 0 ? curl.data.join('&') : undefined;
  // https://curl.se/docs/manpage.html#-d
  const method = curl.method || (data === undefined ? 'GET' : 'POST');
  const { contentType, headers } = readHeaders(curl.headers, fixed, lose);
  // As it is, `check` refuses it where it holds a template.
  const { text: url } = fixed('the address', address);
  const proxy = curl.proxy ? fixed('the proxy', curl.proxy) : undefined;
  const settings = {
    ...(method === 'POST' ? {} : { method }),
    url: /^[a-z]+:\/\/|^\$\{|^\{\{/i.test(url) ? url : `http://${url}`,
    ...(Object.keys(headers).length > 0 ? { headers } : {}),
    ...bodyOf(method, data === undefined ? undefined : referenced(data).text, contentType, lose),
  };
  return { settings, ...(proxy?.isWhole ? { proxy: proxy.text } : {}) };
}

function readRequest(request: WebhookRequest): CurlRequest {
  try {
    if (typeof request === 'string') return readCurl(request);
    const options = readCurlOptions(shellWords(request.options ?? ''));
    return {
      ...options,
      ...(request.method ? { method: request.method } : {}),
      urls: [request.url, ...options.urls],
      headers: [...request.headers.map(({ key, value }) => `${key}: ${value}`), ...options.headers],
      data: [...(request.payload ? [request.payload] : []), ...options.data],
    };
  } catch (error) {
    if (!(error instanceof TocsinError)) throw error;
    return { urls: [], headers: [], data: [], lost: [error.message] };
  }
}

function readHeaders(
  written: readonly string[],
  fixed: (place: string, text: string) => { text: string; isWhole: boolean },
  lose: (what: string) => void,
): { contentType?: string; headers: Record<string, string> } {
  const headers = new Map<string, [name: string, value: string]>();
  for (const header of written) {
    // A value may hold colons.
    const [, name = '', given = ''] = /^\s*([^:]*?)\s*:\s*(.*?)\s*$/s.exec(header) ?? [];
    if (name === '' || given === '') {
      lose(`the header ${JSON.stringify(header)}: a header needs a name and a value`);
      continue;
    }
    const value = fixed(`the header ${name}`, given);
    if (headers.has(name.toLowerCase())) lose(`the header ${name} stands there twice; the last is taken`);
    if (value.isWhole) headers.set(name.toLowerCase(), [name, value.text]);
  }
  const contentType = headers.get('content-type')?.[1];
  headers.delete('content-type');
  return { ...(contentType === undefined ? {} : { contentType }), headers: Object.fromEntries(headers.values()) };
}

function bodyOf(
  method: string,
  payload: string | undefined,
  given: string | undefined,
  lose: (what: string) => void,
): Pick<WebhookTarget['settings'], 'payload' | 'contentType'> {
  const hasBody = method !== 'GET' && method !== 'HEAD';
  if (!hasBody) {
    if (payload !== undefined) lose(`${method} has no body here; its payload is left out`);
    return {};
  }
  if (payload === undefined) {
    lose('it has no payload, and here the body is {"text": …}; write a `payload`, or take GET');
    return {};
  }
  // Without a header curl says that it is a form, whatever it is.
  const isJson = /^\s*[{[]/.test(payload) && !/^\s*\{\{/.test(payload);
  if (given === undefined && isJson)
    lose('no header Content-Type: it is sent as application/json, where curl says a form');
  const contentType = given ?? (isJson ? 'application/json' : 'application/x-www-form-urlencoded');
  return { ...(contentType === 'application/json' ? {} : { contentType }), payload };
}
