import { shellWords } from './shell-words.ts';

/** A request as curl would send it. */
export interface CurlRequest {
  method?: string;
  urls: string[];
  /** As they are written: `Name: value`. */
  headers: string[];
  data: string[];
  proxy?: string;
  /** What it is told and can't be carried over: the option, and why or what to do. */
  lost: string[];
}

/** What a curl command line asks for. It is read, never run. Throws a TocsinError for quotes that aren't closed. */
export function readCurl(command: string): CurlRequest {
  const [program, ...words] = shellWords(command);
  const request = readCurlOptions(words);
  return program === 'curl' ? request : { ...request, lost: [`${program ?? 'nothing'} is not curl`, ...request.lost] };
}

/** https://curl.se/docs/manpage.html */
export function readCurlOptions(words: readonly string[]): CurlRequest {
  const request: CurlRequest = { urls: [], headers: [], data: [], lost: [] };
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') request.urls.push(...rest.splice(0));
    else if (word.startsWith('--')) readLong(word, rest, request);
    else if (/^-./.test(word)) readShort(word.slice(1), rest, request);
    else request.urls.push(word);
  }
  return request;
}

function readLong(word: string, rest: string[], request: CurlRequest): void {
  const [, name = word, attached] = /^(--[^=]+)=(.*)$/s.exec(word) ?? [];
  apply(name, () => attached ?? rest.shift() ?? '', request);
}

/** Several may stand in one word, and the value of the last of them too: `-sXPOST`. */
function readShort(letters: string, rest: string[], request: CurlRequest): void {
  for (let at = 0; at < letters.length; at++) {
    let isTaken = false;
    const value = () => {
      isTaken = true;
      return letters.slice(at + 1) || (rest.shift() ?? '');
    };
    const letter = `-${letters[at]}`;
    apply(Object.hasOwn(shorts, letter) ? (shorts[letter] as string) : letter, value, request);
    if (isTaken) return;
  }
}

function apply(name: string, value: () => string, request: CurlRequest): void {
  if (harmless.has(name)) return;
  const option = Object.hasOwn(options, name) ? options[name] : undefined;
  if (option) option(value(), request);
  else if (Object.hasOwn(flags, name)) flags[name]?.(request);
  else if (Object.hasOwn(lostFlags, name)) request.lost.push(`${name}: ${lostFlags[name]}`);
  else if (Object.hasOwn(lostOptions, name)) request.lost.push(`${name} ${value()}: ${lostOptions[name]}`);
  else request.lost.push(`${name}: not an option that is known here`);
}

const options: Record<string, (value: string, request: CurlRequest) => void> = {
  '--request': (value, request) => {
    request.method = value;
  },
  '--url': (value, request) => void request.urls.push(value),
  '--proxy': (value, request) => {
    request.proxy = value;
  },
  '--header': (value, request) => {
    if (value.startsWith('@'))
      request.lost.push(`--header ${value}: headers in a file; write them into the configuration`);
    else request.headers.push(value);
  },
  '--user-agent': (value, request) => void request.headers.push(`User-Agent: ${value}`),
  '--referer': (value, request) => void request.headers.push(`Referer: ${value}`),
  '--cookie': (value, request) => {
    if (value.includes('=')) request.headers.push(`Cookie: ${value}`);
    else request.lost.push(`--cookie ${value}: cookies in a file; write them as a header \`Cookie\``);
  },
  '--data': addData,
  '--data-ascii': addData,
  '--data-binary': addData,
  '--data-raw': (value, request) => void request.data.push(value),
  '--json': (value, request) => {
    addData(value, request);
    request.headers.push('Content-Type: application/json', 'Accept: application/json');
  },
};

function addData(value: string, request: CurlRequest): void {
  if (value.startsWith('@')) request.lost.push(`--data ${value}: a body in a file; write it as \`payload\``);
  else request.data.push(value);
}

const flags: Record<string, (request: CurlRequest) => void> = {
  '--head': (request) => {
    request.method ??= 'HEAD';
  },
};

/** They change what curl prints, or say what the hub does in any case. */
const harmless: ReadonlySet<string> = new Set([
  ...['--silent', '--show-error', '--verbose', '--include', '--progress-bar', '--no-progress-meter', '--no-buffer'],
  ...['--fail', '--fail-with-body', '--fail-early', '--compressed', '--http1.1', '--globoff', '--tcp-nodelay'],
]);

const lostFlags: Record<string, string> = {
  '--location': 'redirects are not followed; write the address that they lead to',
  '--location-trusted': 'redirects are not followed; write the address that they lead to',
  '--insecure': 'certificates are always checked; name the authority as `ca` of the target',
  '--get': 'data is not put into the address; write it there',
  '--remote-name': 'answers are kept with the attempt, not in files',
  '--netrc': 'write the header `Authorization`',
};

const body = 'write the body as `payload`';
const time = 'times are those of `egress.timeouts`, and a failed request is tried again';
const files = 'answers are kept with the attempt, not in files';

const lostOptions: Record<string, string> = {
  '--output': files,
  '--dump-header': files,
  '--cookie-jar': files,
  '--write-out': files,
  '--form': body,
  '--form-string': body,
  '--upload-file': body,
  '--data-urlencode': `${body}, with \`contentType: application/x-www-form-urlencoded\``,
  '--config': 'what is in that file is not known here; write its options out',
  '--user': 'write the header `Authorization`',
  '--oauth2-bearer': 'write the header `Authorization`',
  '--proxy-user': 'write the user and the password into `proxy`',
  '--cacert': 'name the file as `ca` of the target',
  '--cert': 'name the file as `certificate` of the target',
  '--key': 'name the file as `certificate` of the target',
  '--max-time': time,
  '--connect-timeout': time,
  '--retry': time,
  '--retry-delay': time,
  '--retry-max-time': time,
  '--resolve': 'names are looked up as `egress.resolver` says',
  '--interface': 'the system chooses it',
  '--noproxy': 'write `egress.noProxy`',
};

/** Short names of what is known above. */
const shorts: Record<string, string> = {
  ...{
    '-X': '--request',
    '-x': '--proxy',
    '-H': '--header',
    '-A': '--user-agent',
    '-e': '--referer',
    '-b': '--cookie',
  },
  ...{ '-d': '--data', '-I': '--head', '-s': '--silent', '-S': '--show-error', '-v': '--verbose', '-i': '--include' },
  ...{ '-f': '--fail', '-L': '--location', '-k': '--insecure', '-G': '--get', '-O': '--remote-name', '-n': '--netrc' },
  ...{ '-o': '--output', '-D': '--dump-header', '-c': '--cookie-jar', '-w': '--write-out', '-F': '--form' },
  ...{ '-T': '--upload-file', '-K': '--config', '-u': '--user', '-U': '--proxy-user', '-E': '--cert' },
  ...{ '-m': '--max-time', '-g': '--globoff', '-N': '--no-buffer', '-#': '--progress-bar' },
};
