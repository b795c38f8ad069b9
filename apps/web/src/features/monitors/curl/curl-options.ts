/** Options by their letter. */
const LETTERS: Readonly<Record<string, string>> = {
  '#': 'progress-bar',
  ':': 'next',
  '0': 'http1.0',
  '1': 'tlsv1',
  '2': 'sslv2',
  '3': 'sslv3',
  '4': 'ipv4',
  '6': 'ipv6',
  a: 'append',
  A: 'user-agent',
  b: 'cookie',
  B: 'use-ascii',
  c: 'cookie-jar',
  C: 'continue-at',
  d: 'data',
  D: 'dump-header',
  e: 'referer',
  E: 'cert',
  f: 'fail',
  F: 'form',
  g: 'globoff',
  G: 'get',
  H: 'header',
  i: 'include',
  I: 'head',
  j: 'junk-session-cookies',
  J: 'remote-header-name',
  k: 'insecure',
  K: 'config',
  l: 'list-only',
  L: 'location',
  m: 'max-time',
  n: 'netrc',
  N: 'no-buffer',
  o: 'output',
  O: 'remote-name',
  p: 'proxytunnel',
  P: 'ftp-port',
  q: 'disable',
  Q: 'quote',
  r: 'range',
  R: 'remote-time',
  s: 'silent',
  S: 'show-error',
  t: 'telnet-option',
  T: 'upload-file',
  u: 'user',
  U: 'proxy-user',
  v: 'verbose',
  w: 'write-out',
  x: 'proxy',
  X: 'request',
  y: 'speed-time',
  Y: 'speed-limit',
  z: 'time-cond',
  Z: 'parallel',
};

const named = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Options that take the word behind them. **Source:** curl --help all */
const VALUED = named(`
  abstract-unix-socket alt-svc aws-sigv4 cacert capath cert cert-type ciphers config connect-timeout connect-to continue-at cookie cookie-jar
  create-file-mode crlfile curves data data-ascii data-binary data-raw data-urlencode delegation dns-interface dns-ipv4-addr dns-ipv6-addr
  dns-servers doh-url dump-header ech egd-file engine etag-compare etag-save expect100-timeout form form-string ftp-account
  ftp-alternative-to-user ftp-method ftp-port ftp-ssl-ccc-mode happy-eyeballs-timeout-ms haproxy-clientip header hostpubmd5 hostpubsha256 hsts
  interface ip-tos ipfs-gateway json keepalive-cnt keepalive-time key key-type krb libcurl limit-rate local-port login-options mail-auth
  mail-from mail-rcpt max-filesize max-redirs max-time netrc-file noproxy oauth2-bearer output output-dir parallel-max pass pinnedpubkey
  preproxy proto proto-default proto-redir proxy proxy-cacert proxy-capath proxy-cert proxy-cert-type proxy-ciphers proxy-crlfile proxy-header
  proxy-key proxy-key-type proxy-pass proxy-pinnedpubkey proxy-service-name proxy-tls13-ciphers proxy-tlsauthtype proxy-tlspassword
  proxy-tlsuser proxy-user proxy1.0 pubkey quote random-file range rate referer request request-target resolve retry retry-delay
  retry-max-time sasl-authzid service-name socks4 socks4a socks5 socks5-gssapi-service socks5-hostname speed-limit speed-time stderr
  telnet-option tftp-blksize time-cond tls-max tls13-ciphers tlsauthtype tlspassword tlsuser trace trace-ascii trace-config unix-socket
  upload-file url url-query user user-agent variable vlan-priority write-out`);

/** Options about what curl itself prints, keeps or speaks: without them the same is asked. */
const QUIET = named(`
  append basic compressed cookie-jar create-dirs disable dump-header fail fail-early fail-with-body globoff http1.0 http1.1 http2
  http2-prior-knowledge http3 include keepalive keepalive-time no-clobber buffer no-buffer no-keepalive no-progress-meter output output-dir
  parallel parallel-immediate parallel-max path-as-is progress-bar progress-meter raw remote-header-name remote-name remote-name-all
  remote-time remove-on-error retry-all-errors retry-connrefused show-error silent stderr styled-output tcp-fastopen tcp-nodelay
  tr-encoding trace trace-ascii trace-config trace-time verbose write-out xattr`);

export type Part =
  | { kind: 'word'; text: string }
  /** `shown` is the option as written; `value` is null where it takes none. */
  | { kind: 'option'; name: string; shown: string; value: string | null }
  | { kind: 'problem'; text: string };

export function isQuiet(name: string): boolean {
  return QUIET.has(name) || (name.startsWith('no-') && QUIET.has(name.slice(3)));
}

function longOption(word: string, next: () => string | undefined): Part {
  const [name = '', ...given] = word.slice(2).split('=');
  const shown = `--${name}`;
  if (!VALUED.has(name)) return { kind: 'option', name: word.slice(2), shown: word, value: null };
  const value = given.length > 0 ? given.join('=') : next();
  return value === undefined ? { kind: 'problem', text: `${shown} needs a value.` } : { kind: 'option', name, shown, value };
}

/** Letters behind one "-": the first that takes a value takes the rest, or the next word. */
function* letterOptions(word: string, next: () => string | undefined): Generator<Part> {
  for (let at = 1; at < word.length; at += 1) {
    const letter = word[at] ?? '';
    const name = LETTERS[letter] ?? letter;
    const shown = `-${letter}`;
    if (!VALUED.has(name)) {
      yield { kind: 'option', name, shown, value: null };
      continue;
    }
    const value = at + 1 < word.length ? word.slice(at + 1) : next();
    yield value === undefined ? { kind: 'problem', text: `${shown} needs a value.` } : { kind: 'option', name, shown, value };
    return;
  }
}

/** The words of a command line behind its program, as options with their values and what stands alone. */
export function* readOptions(words: readonly string[]): Generator<Part> {
  let at = 0;
  let isOpen = true;
  const next = (): string | undefined => {
    at += 1;
    return words[at];
  };
  for (; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (isOpen && word === '--') isOpen = false;
    else if (isOpen && word.startsWith('--')) yield longOption(word, next);
    else if (isOpen && word.startsWith('-') && word !== '-') yield* letterOptions(word, next);
    else yield { kind: 'word', text: word };
  }
}
