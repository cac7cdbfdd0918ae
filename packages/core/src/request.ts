/**
 * A request as it reached `/in/<source>`; header names are lower case, values as sent. Those that carry the key or say
 * how the bytes came (authorization, content-length, …) are kept back.
 */
export interface SourceRequest {
  method: string;
  /** What follows the key in the URL: the vendor's own path, with its leading slash, or empty. */
  path: string;
  query: Readonly<Record<string, string>>;
  headers: Readonly<Record<string, string>>;
  /** The body after decompression, UTF-8. */
  rawBody: string;
}

/** A request that the host will send. Secrets stand in it as references: `${env:NAME}`. */
export interface HttpRequest {
  method: 'POST' | 'PUT' | 'PATCH' | 'GET' | 'DELETE' | 'HEAD';
  url: string;
  headers?: Record<string, string>;
  body?: string;
}

/** What came back: header names in lower case, the body cut at 64 KiB. */
export interface HttpResponse {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** The request as readable text, with a JSON body indented: what the expected files of targets hold. */
export function formatRequest(request: HttpRequest): string {
  const headers = Object.entries(request.headers ?? {})
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => `${name}: ${value}`);
  return `${[`${request.method} ${request.url}`, ...headers, '', prettyBody(request.body ?? '')].join('\n').trimEnd()}\n`;
}

/** The request as one `curl` command that a shell reads back unchanged. */
export function formatCurl(request: HttpRequest): string {
  const headers = Object.entries(request.headers ?? {}).map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`);
  const body = request.body === undefined ? [] : [`--data-binary ${quote(request.body)}`];
  // With -X HEAD it would wait for a body.
  const method = request.method === 'HEAD' ? ['--head'] : ['-X', request.method];
  return ['curl', ...method, ...headers, ...body, quote(request.url)].join(' ');
}

/**
 * The headers that no request may have: a name that is no token, or a value with a line end, another control character
 * or one beyond Latin-1. https://www.rfc-editor.org/rfc/rfc9110#section-5.5
 */
export function impossibleHeaders({ headers = {} }: HttpRequest): string[] {
  return Object.entries(headers)
    .filter(([name, value]) => !/^[\w!#$%&'*+.^`|~-]+$/.test(name) || /[^\t\x20-\x7e\x80-\xff]/.test(value))
    .map(([name]) => name);
}

function prettyBody(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
