import { isIPv4, isIPv6 } from 'node:net';
import { plainWord } from '@tocsin/core';

/** What a replaced text was. */
export type Sensitive = 'secret' | 'person' | 'e-mail' | 'phone' | 'address' | 'host';

/** A part of a text that is nobody's business. */
export interface Found {
  kind: Sensitive;
  text: string;
}

/** What the name of a field says of whatever stands in it; undefined if it says nothing. */
export function kindOfKey(key: string): 'secret' | 'person' | 'phone' | undefined {
  const word = plainWord(key);
  if (secretKeys.test(word)) return 'secret';
  if (phoneKeys.test(word)) return 'phone';
  return personKeys.test(word) ? 'person' : undefined;
}

const secretKeys =
  /passw(or)?d|^pwd$|passphrase|secret|token|api_?key|accesskey|privatekey|authorization|credential|cookie|^session(id|key)?$|^signature$|^pin$/;
const phoneKeys = /phone|^mobile|msisdn|^tel$|^fax/;
const personKeys =
  /^(user|username|author|assignee|assignedto|owner|actor|by|(acked|acknowledged|resolved|closed|created|updated|silenced|triggered)by|reporter|operator|oncall|contact|contactname|person|employee|customer|customername|firstname|lastname|fullname|realname|nickname|login|recipient|sender)$/;

/** The parts of a text that show by their form what they are. */
export function findSensitive(text: string): Found[] {
  return finders.flatMap(({ kind, pattern, accept = () => true }) =>
    [...text.matchAll(pattern)]
      .map(([whole, part = whole]) => part)
      .filter((part) => part !== '' && accept(part))
      .map((part) => ({ kind, text: part })),
  );
}

const finders: { kind: Sensitive; pattern: RegExp; accept?: (part: string) => boolean }[] = [
  { kind: 'secret', pattern: /-----BEGIN [A-Z ]+-----[\s\S]+?-----END [A-Z ]+-----/g },
  { kind: 'secret', pattern: /\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g },
  { kind: 'secret', pattern: /\b(?:xox[a-z]-|gh[a-z]_|github_pat_|glpat-|sk-|sk_live_|AKIA|ASIA)[\w-]{8,}/g },
  { kind: 'secret', pattern: /\b(?:Bearer|Basic)\s+([\w.~+/-]{8,}=*)/g },
  { kind: 'secret', pattern: /[?&;](?:\w*(?:token|secret|password|sig|signature|auth|key))=([^&\s#"'<>{}]{3,})/gi },
  // The user and the password of an address.
  { kind: 'secret', pattern: /\b[a-z][a-z0-9+.-]*:\/\/([^\s/@"'<>{}]{3,})@/gi },
  { kind: 'secret', pattern: /(?<![\w-])[\w-]{20,}(?![\w-])/g, accept: isRandom },
  { kind: 'e-mail', pattern: /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, accept: (mail) => !isMadeUp(mail.split('@')[1] ?? '') },
  { kind: 'phone', pattern: /(?<![\w.])\+\d[\d ()-]{6,16}\d(?!\w)/g },
  {
    kind: 'address',
    pattern: /(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?!\.?\w)/g,
    accept: (text) => isIPv4(text) && !isPublicKnowledge(text),
  },
  {
    kind: 'address',
    pattern: /(?<![\w:.])[0-9a-f]*:[0-9a-f:.]*:[0-9a-f.]*/gi,
    accept: (text) => isIPv6(text) && !isPublicKnowledge(text),
  },
  {
    kind: 'host',
    pattern: /\b[a-z][a-z0-9+.-]*:\/\/(?:[^\s/@]*@)?([^\s/:?#@[\]"'<>(){}]+)/gi,
    accept: (host) =>
      /^[\p{L}\p{N}][\p{L}\p{N}.-]*$/u.test(host) && !isIPv4(host) && !isMadeUp(host) && !host.endsWith('.'),
  },
];

/** Small and capital letters and digits, or a long digest: what nobody writes by hand. */
function isRandom(text: string): boolean {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return false; // an id, which is no secret
  return /^[0-9a-f]{32,}$/i.test(text) || (/[a-z]/.test(text) && /[A-Z]/.test(text) && /\d.*\d/.test(text));
}

/** Names that are kept for examples, or that mean this very machine. */
function isMadeUp(host: string): boolean {
  return /(^|\.)(example(\.(com|net|org))?|localhost|test|invalid)$/i.test(host);
}

/** The own machine, and what is kept for examples (https://www.rfc-editor.org/rfc/rfc5737). */
function isPublicKnowledge(address: string): boolean {
  return /^(127\.|0\.0\.0\.0$|192\.0\.2\.|198\.51\.100\.|203\.0\.113\.|::1?$|2001:db8:)/i.test(address);
}
