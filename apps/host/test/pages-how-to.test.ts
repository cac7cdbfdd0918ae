import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pictureName } from '@tocsin/core/howto';
import Fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HowTo, howToPage, sendHowTo } from '../src/pages/how-to.ts';
import { openTestHost, type TestHost } from './api-host.ts';
import { dangers, elementsOf, lacks } from './pages-structure.ts';

const key = 'k-0123456789abcdef';

const base: HowTo = { title: 'Beacon', html: '', url: 'https://alerts.example.com/hub/in/prod', key, sourceId: 'prod' };

/** The how-to's own part of the page. */
function bodyOf(html: string, values: Partial<HowTo> = {}): string {
  const main = howToPage({ ...base, ...values, html }).main.toString();
  return /<div class="howto">\n(.*?)\n<\/div>/s.exec(main)?.[1] ?? '';
}

describe('the how-to of a package', () => {
  it('has address and key filled in', () => {
    const filled = bodyOf('<p>Post to <code>{{url}}/{{key}}</code>, or <a href="{{ url }}">here</a>: {{other}}</p>');
    expect(filled).toBe(
      `<p>Post to <code>${base.url}/${key}</code>, or <a href="${base.url}" rel="noopener noreferrer">here</a>: {{other}}</p>`,
    );
  });

  it('can’t be broken out of by a key', () => {
    const filled = bodyOf('<p>{{key}}</p><a href="https://x.example/{{key}}">x</a>', { key: '"><script>$&</script>' });
    expect(dangers(`<main>${filled}</main>`)).toEqual([]);
    expect(filled).toContain('&lt;script&gt;$&amp;&lt;/script&gt;');
  });

  it.each([
    ['<script>alert(1)</script>', ''],
    ['<style>body{display:none}</style>', ''],
    ['<p onclick="x()" style="color:red" class="top" id="main">a</p>', '<p>a</p>'],
    ['<a href="javascript:alert(1)">a</a>', '<a>a</a>'],
    ['<a href="data:text/html,x">a</a>', '<a>a</a>'],
    ['<a href="//evil.example">a</a>', '<a>a</a>'],
    ['<a href="/g/1/resolve">a</a>', '<a>a</a>'],
    ['<a href="mailto:ops@example.com">a</a>', '<a href="mailto:ops@example.com" rel="noopener noreferrer">a</a>'],
    [
      '<a href="https://x.example" target="_blank" rel="opener">a</a>',
      '<a href="https://x.example/" rel="noopener noreferrer">a</a>',
    ],
    ['<iframe src="https://x.example"></iframe>', ''],
    ['<form action="/sign-out" method="post"><button>go</button></form>', 'go'],
    ['<svg><script>1</script></svg><math><mi>x</mi></math>', 'x'],
    ['<h1>Title</h1>', '<h2>Title</h2>'],
    ['<pre><code>a</code></pre>', '<pre tabindex="0"><code>a</code></pre>'],
    ['<meta http-equiv="refresh" content="0"><base href="https://x">', ''],
    ['<p>unclosed', '<p>unclosed</p>'],
  ])('keeps of %s only what is harmless', (given, kept) => {
    expect(bodyOf(given)).toBe(kept);
  });

  it.each([
    ['https://evil.example/pixel.png', 'a picture elsewhere'],
    ['//evil.example/a.png', 'a picture elsewhere'],
    ['data:image/png;base64,AAAA', 'a picture inside'],
    ['howto/../package.json', 'the manifest'],
    ['howto/..%2fpackage.json', 'the manifest'],
    ['/g/1001', 'a page'],
    ['package.json', 'the manifest'],
    ['howto/run.js', 'a script'],
  ])('shows %s as words', (src, alt) => {
    expect(bodyOf(`<img src="${src}" alt="${alt}">`)).toBe(`<em>${alt}</em>`);
  });

  it('shows the package’s own pictures from behind the key', () => {
    expect(bodyOf('<img src="howto/step-1.png" alt="The form" width="640" onerror="x()">')).toBe(
      `<img src="/hub/in/prod/${key}/howto/step-1.png" alt="The form" loading="lazy" width="640" />`,
    );
  });
});

describe('pictureName', () => {
  it.each(['howto/a.png', './howto/b-2.webp', 'howto/C_3.svg'])('takes %s', (path) => {
    expect(pictureName(path)).toBe(path.split('/').at(-1));
  });

  it.each([
    'a.png',
    'howto/',
    'howto/.png',
    'howto/a',
    'howto/a.html',
    'howto/a.png/b.png',
    'howto/../a.png',
    'howto\\a.png',
    'x/howto/a.png',
    'howto/a.png\0.png',
    'howto/a.__proto__',
    `howto/${'a'.repeat(200)}.png`,
  ])('refuses %s', (path) => {
    expect(pictureName(path)).toBeUndefined();
  });
});

describe('the page behind the key', () => {
  let host: TestHost;
  const app = Fastify();

  beforeAll(async () => {
    host = await openTestHost();
    app.decorateRequest('caller', undefined);
    app.get('/in/*', async (request, reply) => {
      // As the ingest leaves it once the key was checked.
      const [source = '', given = '', ...path] = request.url.replace('/in/', '').split('/');
      request.caller = { source, key: given, path: path.length > 0 ? `/${path.join('/')}` : '' };
      return sendHowTo(request, reply, host.context);
    });
  });
  afterAll(async () => {
    await app.close();
    await host.close();
  });

  const open = (path: string) => app.inject({ url: `/in/${path}`, headers: { accept: 'text/html' } });

  it('says address and key, has the how-to, and a line to try it out', async () => {
    const { statusCode, body } = await open(`prod/${key}`);
    expect(statusCode).toBe(200);
    expect(lacks(body)).toEqual([]);
    expect(dangers(body)).toEqual([]);
    const texts = elementsOf(body)
      .filter(({ tag }) => tag === 'code')
      .map(({ text }) => text);
    expect(texts).toEqual(
      expect.arrayContaining(['http://127.0.0.1:8080/in/prod', key, `http://127.0.0.1:8080/in/prod/${key}`]),
    );
    expect(texts.at(-1)).toBe(
      `curl -X POST -H 'content-type: application/json' --data-binary '{"state":"DOWN","what":"it'\\''s <here>"}' 'http://127.0.0.1:8080/in/prod/${key}'`,
    );
    expect(body).toContain('<title>Connect Beacon &lt;b&gt;Monitor&lt;/b&gt; · Tocsin</title>');
  });

  it('is kept by nobody and told to nobody', async () => {
    const { headers } = await open(`prod/${key}`);
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
  });

  it('brings the pictures of its package and no other file', async () => {
    const picture = await open(`prod/${key}/howto/step-1.png`);
    expect(picture.statusCode).toBe(200);
    expect(picture.headers['content-type']).toBe('image/png');
    expect(picture.rawPayload.subarray(1, 4).toString()).toBe('PNG');
    const folder = host.context.registry.integrations[0]?.folder ?? '';
    writeFileSync(
      join(folder, 'howto', 'drawn.svg'),
      '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    );
    const drawn = await open(`prod/${key}/howto/drawn.svg`);
    expect(drawn.headers['content-security-policy']).toContain('sandbox');
    for (const path of [
      'howto/missing.png',
      'howto/..%2fpackage.json',
      'howto/',
      'package.json',
      'examples/firing.json',
      'other',
    ]) {
      expect((await open(`prod/${key}/${path}`)).statusCode).toBe(404);
    }
  });
});
