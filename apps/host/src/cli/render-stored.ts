import { formatCurl, formatRequest, type HttpRequest, TocsinError } from '@tocsin/core';
import { apiClient } from './api-client.ts';
import { readConfig } from './files.ts';

export interface StoredOptions {
  config: string;
  url?: string;
  to?: string;
  group?: string;
  request?: string;
  curl?: boolean;
  json?: boolean;
}

/** As the API gives it. */
interface Rendered {
  of: string;
  isSubscribed: boolean;
  medium: string;
  texts: { headline: string; title: string; message: string; comment?: string; link?: string; image?: string };
  from: Record<string, string>;
  request: HttpRequest | null;
  problems: string[];
}

/** What the running host would tell a target of something that it has stored, and which template gave each field. */
export async function renderStored(target: string, options: StoredOptions): Promise<string> {
  const { config: file, url, group, request, json, curl } = options;
  if ((group === undefined) === (request === undefined)) {
    throw new TocsinError('config', '--to needs either --group or --request', {
      remedy: 'Name what to render: `tocsin render --to ops --group 10a1`.',
    });
  }
  const api = apiClient(readConfig(file), process.env, url);
  const query = new URLSearchParams({ target, ...(group === undefined ? { request } : { group }) } as Record<
    string,
    string
  >); // one of them is given
  const { items } = await api.get<{ items: Rendered[] }>(`render?${query}`);
  if (json) return JSON.stringify(items, null, 2);
  return items.map((item) => describe(item, target, curl === true)).join('\n\n');
}

function describe(rendered: Rendered, target: string, curl: boolean): string {
  const { of, isSubscribed, medium, texts, from, request, problems } = rendered;
  const { headline, title, message, comment, link, image } = texts;
  const width = Math.max(0, ...Object.keys(from).map(({ length }) => length));
  const text = [headline, title, ...(comment ? [`“${comment}”`] : []), ...(message ? ['', message] : [])];
  const pages = [...(link ? [`link: ${link}`] : []), ...(image ? [`image: ${image}`] : [])];
  const parts = [
    `── ${of} to ${target}, ${medium}${isSubscribed ? '' : `; ${target} is not told of it`} ──`,
    [...text, ...(pages.length > 0 ? ['', ...pages] : [])].join('\n'),
    [
      'Which template gave what:',
      ...Object.entries(from).map(([field, file]) => `  ${field.padEnd(width)}  ${file}`),
    ].join('\n'),
    ...(request ? [curl ? formatCurl(request) : formatRequest(request).trimEnd()] : []),
    ...problems.map((problem) => `problem: ${problem}`),
  ];
  return parts.join('\n\n');
}
