import sanitizeHtml, { type Attributes, type IOptions, type Tag } from 'sanitize-html';
import { safeUrl } from './media/url.ts';

/** What is filled into the how-to of a source, and where its pictures are. */
export interface HowtoValues {
  /** The source's address without its key. */
  url: string;
  key: string;
}

/** A package's `howto.html` with address and key in it, and nothing that isn't plain text, a link or a picture of the package. */
export function cleanHowto(howto: string, { url, key }: HowtoValues): string {
  const values: Record<string, string> = { url, key };
  const filled = howto.replace(/\{\{\s*(url|key)\s*\}\}/g, (_all, name: string) => escapeHtml(values[name] as string));
  return sanitizeHtml(filled, rulesFor(new URL(`${url}/${encodeURIComponent(key)}`).pathname));
}

/** The tags and attributes of a `howto.html` that `cleanHowto` takes out, as `<script>` and `onclick of <p>`. */
export function removedFromHowto(howto: string): string[] {
  const removed = new Set<string>();
  const note = (tag: string, attributes: Attributes): Tag => {
    if (!allowedTags.includes(tag) && tag !== 'h1') removed.add(`<${tag}>`);
    else for (const name of Object.keys(attributes)) if (!isAllowed(tag, name)) removed.add(`${name} of <${tag}>`);
    return { tagName: tag, attribs: attributes };
  };
  sanitizeHtml(howto, {
    allowedTags: false,
    allowedAttributes: false,
    allowVulnerableTags: true,
    transformTags: { '*': note },
  });
  return [...removed];
}

/** The file's name in `howto/step-1.png` or `./howto/step-1.png`, if it names a picture in that very folder. */
export function pictureName(path: string): string | undefined {
  return /^(?:\.\/)?howto\/([A-Za-z0-9][\w.-]{0,90}\.(?:png|jpe?g|gif|webp|avif|svg))$/.exec(path)?.[1];
}

const allowedTags = [
  ...['h2', 'h3', 'h4', 'p', 'br', 'hr', 'blockquote', 'pre', 'code', 'kbd', 'samp', 'var'],
  ...['ol', 'ul', 'li', 'dl', 'dt', 'dd', 'strong', 'b', 'em', 'i', 'a', 'img', 'figure', 'figcaption'],
  ...['table', 'caption', 'thead', 'tbody', 'tr', 'th', 'td', 'details', 'summary'],
];

const allowedAttributes: Record<string, string[]> = {
  a: ['href', 'rel'],
  img: ['src', 'alt', 'width', 'height', 'loading'],
  ol: ['start'],
  pre: ['tabindex'],
  th: ['scope', 'colspan', 'rowspan'],
  td: ['colspan', 'rowspan'],
};

function isAllowed(tag: string, attribute: string): boolean {
  return Object.hasOwn(allowedAttributes, tag) && (allowedAttributes[tag] as string[]).includes(attribute);
}

function rulesFor(path: string): IOptions {
  return {
    allowedTags,
    allowedAttributes,
    transformTags: {
      // The page has its one `h1` already.
      h1: 'h2',
      a: (_name, { href = '' }) => link(href),
      img: (_name, attributes) => picture(attributes, path),
      // What may scroll must be reachable by keyboard.
      pre: () => ({ tagName: 'pre', attribs: { tabindex: '0' } }),
    },
  };
}

function link(href: string): Tag {
  const target = /^(https?:\/\/|mailto:)/i.test(href) ? safeUrl(href) : undefined;
  const attribs: Attributes = target === undefined ? {} : { href: target, rel: 'noopener noreferrer' };
  return { tagName: 'a', attribs }; // without `href` it is text
}

/** A picture of the package's `howto/` folder; anything else is its description in words. */
function picture({ src = '', alt = '', width, height }: Attributes, path: string): Tag {
  const name = pictureName(src);
  if (name === undefined) return { tagName: 'em', attribs: {}, text: alt };
  const size = Object.entries({ width, height }).filter(([, value]) => /^\d{1,4}$/.test(value ?? ''));
  const attribs = { src: `${path}/howto/${name}`, alt, loading: 'lazy', ...Object.fromEntries(size) };
  return { tagName: 'img', attribs: attribs as Attributes }; // `size` has no undefined values any more
}

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => escapes[character] as string);
}
