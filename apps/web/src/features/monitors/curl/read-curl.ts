import { isQuiet, readOptions } from './curl-options.ts';
import { splitCommand } from './split-command.ts';

/** What a curl command asks, in the words of a step. */
export interface CurlRequest {
  method: string;
  url: string;
  /** One "name: value" on each line. */
  headers: string;
  body: string;
  follow_redirects: boolean;
  /** The time limit of the command, in seconds as written; null without one. */
  timeout_seconds: string | null;
}
export type CurlReading = { ok: true; request: CurlRequest; notes: string[] } | { ok: false; problem: string };

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
/** They belong to the connection, which the worker opens; it also says what it can unpack. */
const OWN = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
const FORM = 'application/x-www-form-urlencoded';
const NO_FORM = '-F: a form in several parts cannot be sent.';
/** More than a step may hold. */
const MAX_CHARS = 200_000;

interface Asked {
  method: string | null;
  urls: string[];
  /** By lower-case name; null was taken away by the command. */
  headers: Map<string, { name: string; value: string | null }>;
  data: string[];
  query: string[];
  /** Something is sent, be it known here or not. */
  isSent: boolean;
  host: string | null;
  user: string | null;
  isJson: boolean;
  isGet: boolean;
  isHead: boolean;
  follows: boolean;
  timeout: string | null;
  notes: string[];
  unknown: string[];
}

function setHeader(asked: Asked, name: string, value: string | null): void {
  const key = name.toLowerCase();
  const known = asked.headers.get(key);
  const isSecond = known !== undefined && known.value !== null && value !== null;
  asked.headers.set(key, {
    name: known?.name ?? name,
    value: isSecond ? `${known.value}${key === 'cookie' ? '; ' : ', '}${value}` : value,
  });
}

function setDefault(asked: Asked, name: string, value: string): void {
  if (!asked.headers.has(name)) setHeader(asked, name, value);
}

function basic(name: string, password: string): string {
  const bytes = new TextEncoder().encode(`${name}:${password}`);
  return `Basic ${btoa(Array.from(bytes, (byte) => String.fromCodePoint(byte)).join(''))}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** "name: value"; "name;" has no value, and "name:" takes a header of curl's own away. */
function readHeader(asked: Asked, text: string): void {
  if (text.startsWith('@')) {
    asked.notes.push(`-H: the headers of the file ${text.slice(1)} are not known here.`);
    return;
  }
  const at = text.search(/(?<!^):/);
  if (at === -1) {
    if (text.endsWith(';')) setHeader(asked, text.slice(0, -1).trim(), '');
    else asked.notes.push(`-H: “${text}” is no header.`);
    return;
  }
  const name = text.slice(0, at).trim();
  const value = text.slice(at + 1).trim();
  if (name.toLowerCase() === 'host') asked.host = value;
  else if (!OWN.has(name.toLowerCase()) && !name.startsWith(':')) setHeader(asked, name, value === '' ? null : value);
}

function readData(asked: Asked, option: string, value: string): void {
  asked.isSent = true;
  if (value.startsWith('@') && option !== 'data-raw') asked.notes.push(`The body is in the file ${value.slice(1)}: put it in by hand.`);
  else asked.data.push(value);
}

/** "name=content" with the content encoded; "=content" and "content" have no name. */
function encoded(asked: Asked, value: string): string[] {
  const at = value.search(/[=@]/);
  if (value[at] === '@') {
    asked.notes.push(`What is sent stands in the file ${value.slice(at + 1)}: put it in by hand.`);
    return [];
  }
  const content = encodeURIComponent(value.slice(at + 1).toWellFormed());
  return [at > 0 ? `${value.slice(0, at)}=${content}` : content];
}

const READERS: Readonly<Record<string, (asked: Asked, value: string) => void>> = {
  request: (asked, value) => void (asked.method = value === '' ? null : value.toUpperCase()),
  url: (asked, value) => void asked.urls.push(value),
  header: readHeader,
  'user-agent': (asked, value) => setHeader(asked, 'user-agent', value),
  referer: (asked, value) => setHeader(asked, 'referer', value.replace(/;auto$/, '')),
  range: (asked, value) => setHeader(asked, 'range', `bytes=${value}`),
  cookie: (asked, value) =>
    value.includes('=')
      ? setHeader(asked, 'cookie', value)
      : void asked.notes.push(`-b: the cookies of the file ${value} are not known here.`),
  user: (asked, value) => void (asked.user = value),
  'oauth2-bearer': (asked, value) => setHeader(asked, 'authorization', `Bearer ${value}`),
  data: (asked, value) => readData(asked, 'data', value),
  'data-ascii': (asked, value) => readData(asked, 'data', value),
  'data-binary': (asked, value) => readData(asked, 'data', value),
  'data-raw': (asked, value) => readData(asked, 'data-raw', value),
  'data-urlencode': (asked, value) => {
    asked.isSent = true;
    asked.data.push(...encoded(asked, value));
  },
  'url-query': (asked, value) => void asked.query.push(...(value.startsWith('+') ? [value.slice(1)] : encoded(asked, value))),
  json: (asked, value) => {
    asked.isJson = true;
    readData(asked, 'json', value);
  },
  'max-time': (asked, value) => void (asked.timeout = value),
  form: (asked) => {
    asked.isSent = true;
    if (!asked.notes.includes(NO_FORM)) asked.notes.push(NO_FORM);
  },
  get: (asked) => void (asked.isGet = true),
  head: (asked) => void (asked.isHead = true),
  location: (asked) => void (asked.follows = true),
  'location-trusted': (asked) => void (asked.follows = true),
  'no-location': (asked) => void (asked.follows = false),
  insecure: (asked) => void asked.notes.push('-k: certificates are always checked here.'),
};

/** A name and a password belong into a header; one that the command sets itself wins. */
function signIn(asked: Asked, { username, password }: URL): void {
  const [name = '', ...rest] = (asked.user ?? '').split(':');
  if (asked.user !== null) {
    if (rest.length === 0) asked.notes.push('-u: the password is missing.');
    setDefault(asked, 'authorization', basic(name, rest.join(':')));
  } else if (username !== '' || password !== '') setDefault(asked, 'authorization', basic(decoded(username), decoded(password)));
}

/** The address without credentials, with what belongs into its query; null for another protocol. */
function finishUrl(asked: Asked, text: string): string | null {
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  if (!/^https?:\/\//i.test(whole) || !URL.canParse(whole)) return null;
  const url = new URL(whole);
  signIn(asked, url);
  if (asked.host !== null && asked.host.toLowerCase() !== url.host) asked.notes.push(`-H: Host is that of the address, not ${asked.host}.`);
  const query = [...asked.query, ...(asked.isGet ? asked.data : [])].join('&');
  const bare = whole.replace(/^(https?:\/\/)[^/?#]*@/i, '$1');
  if (query === '') return bare;
  const [path = '', ...hash] = bare.split('#');
  return [`${path}${path.includes('?') ? '&' : '?'}${query}`, ...hash].join('#');
}

function collect(words: readonly string[]): Asked | string {
  const asked: Asked = {
    method: null,
    urls: [],
    headers: new Map(),
    data: [],
    query: [],
    isSent: false,
    host: null,
    user: null,
    isJson: false,
    isGet: false,
    isHead: false,
    follows: false,
    timeout: null,
    notes: [],
    unknown: [],
  };
  for (const part of readOptions(words)) {
    if (part.kind === 'problem') return part.text;
    if (part.kind === 'word') asked.urls.push(part.text);
    else if (Object.hasOwn(READERS, part.name)) READERS[part.name]?.(asked, part.value ?? '');
    else if (!isQuiet(part.name)) asked.unknown.push(part.shown);
    if (part.kind === 'option' && part.name === 'next') break;
  }
  return asked;
}

function methodOf(asked: Asked): string {
  if (asked.method !== null) return asked.method;
  if (asked.isHead) return 'HEAD';
  return asked.isSent && !asked.isGet ? 'POST' : 'GET';
}

/** The body, with the content type that curl would give it. */
function bodyOf(asked: Asked, method: string): string {
  if (asked.isGet || asked.data.length === 0) return '';
  if (method === 'GET' || method === 'HEAD') {
    asked.notes.push(`A ${method} request has no body here: it is left out.`);
    return '';
  }
  setDefault(asked, 'content-type', asked.isJson ? 'application/json' : FORM);
  if (asked.isJson) setDefault(asked, 'accept', 'application/json');
  return asked.data.join(asked.isJson ? '' : '&');
}

const isSecret = (name: string): boolean => /^(?:authorization|cookie|x-api-key|.*token)$/.test(name);

function notesOf(asked: Asked, { rest, unknown }: { rest: string; unknown: readonly string[] }): string[] {
  const [, ...others] = asked.urls;
  const names = [...asked.headers].flatMap(([key, { value }]) => (value !== null && !value.includes('{{') && isSecret(key) ? [key] : []));
  return [
    ...asked.notes,
    ...(asked.unknown.length === 0 ? [] : [`Left out: ${[...new Set(asked.unknown)].join(', ')}.`]),
    ...(others.length === 0 ? [] : [`Only the first address is asked, not ${others.join(', ')}.`]),
    ...(rest === '' ? [] : [`Left out: ${rest}`]),
    ...(unknown.length === 0 ? [] : [`Only your shell knows ${unknown.join(', ')}: put it in, or keep it as a secret.`]),
    ...(names.length === 0 ? [] : [`Whoever reads the monitor sees ${names.join(', ')}: a secret, as {{secret.NAME}}, is safer.`]),
    ...(asked.follows ? [] : ['Redirects are not followed: the command has no -L.']),
  ];
}

/** The words behind the program, or null when it is another one. */
function argumentsOf(words: readonly string[]): readonly string[] | null {
  const at = words.findIndex((word) => !/^\w+=/.test(word) && word !== 'sudo' && word !== 'time');
  return at !== -1 && /^(?:.*[/\\])?curl(?:\.exe)?$/.test(words[at] ?? '') ? words.slice(at + 1) : null;
}

/** Takes a curl command apart, as it is copied from a terminal, a manual or the network panel of a browser. */
export function readCurl(text: string): CurlReading {
  if (text.length > MAX_CHARS) return { ok: false, problem: 'This is longer than any step may be.' };
  const split = splitCommand(text);
  if (!split.ok) return split;
  const words = argumentsOf(split.command.words);
  if (words === null) return { ok: false, problem: 'This is no curl command: it must begin with “curl”.' };
  const asked = collect(words);
  if (typeof asked === 'string') return { ok: false, problem: asked };
  const [first] = asked.urls;
  if (first === undefined) return { ok: false, problem: 'The command names no address.' };
  const method = methodOf(asked);
  if (!METHODS.has(method)) return { ok: false, problem: `${method} is none of the methods ${[...METHODS].join(', ')}.` };
  const url = finishUrl(asked, first);
  if (url === null) return { ok: false, problem: `“${first}” is no http or https address.` };
  const body = bodyOf(asked, method);
  const headers = [...asked.headers.values()].flatMap(({ name, value }) => (value === null ? [] : [`${name}: ${value}`]));
  const request = { method, url, headers: headers.join('\n'), body, follow_redirects: asked.follows, timeout_seconds: asked.timeout };
  return { ok: true, request, notes: notesOf(asked, split.command) };
}
