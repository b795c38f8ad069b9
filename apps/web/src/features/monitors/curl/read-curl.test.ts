import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCurl } from './read-curl.ts';
import type { CurlRequest } from './read-curl.ts';

function request(text: string): Omit<CurlRequest, 'timeout_seconds'> {
  const reading = readCurl(text);
  if (!reading.ok) throw new Error(reading.problem);
  const { timeout_seconds: _timeout, ...rest } = reading.request;
  return rest;
}
const notes = (text: string): string => {
  const reading = readCurl(text);
  return reading.ok ? reading.notes.join('\n') : '';
};
const problem = (text: string): string => {
  const reading = readCurl(text);
  return reading.ok ? '' : reading.problem;
};
const raw = String.raw;
const NOTHING = { headers: '', body: '', follow_redirects: false };

describe('a curl command', () => {
  it.each([
    ['curl https://example.com', { ...NOTHING, method: 'GET', url: 'https://example.com' }],
    ['$ curl -sSfLI example.com/health', { ...NOTHING, method: 'HEAD', url: 'http://example.com/health', follow_redirects: true }],
    [
      raw`curl -X POST -H "Content-Type: application/json" -d "{\"name\": \"Anna\"}" http://localhost:3000/users`,
      { method: 'POST', url: 'http://localhost:3000/users', headers: 'Content-Type: application/json', body: '{"name": "Anna"}' },
    ],
    [
      'curl --url https://api.example.com/login -d user=anna -d pin=1234',
      { method: 'POST', headers: 'content-type: application/x-www-form-urlencoded', body: 'user=anna&pin=1234' },
    ],
    [
      raw`curl --json '{"a":1}' https://example.com/x`,
      { method: 'POST', headers: 'content-type: application/json\naccept: application/json', body: '{"a":1}' },
    ],
    [
      "curl -G https://example.com/search?a=b#top -d q=1 --data-urlencode 'name=a b&c'",
      { ...NOTHING, method: 'GET', url: 'https://example.com/search?a=b&q=1&name=a%20b%26c#top' },
    ],
    ["curl -XDELETE 'https://example.com/1' -H 'If-Match: *'", { method: 'DELETE', url: 'https://example.com/1', headers: 'If-Match: *' }],
    ['curl -T- -XPUT https://example.com/1', { method: 'PUT', body: '' }],
    [
      "curl -H 'X-Empty;' -H 'Accept:' -H 'A: 1' -H 'a: 2' -H 'Connection: close' -A me -e https://x.example https://example.com",
      { headers: 'X-Empty: \nA: 1, 2\nuser-agent: me\nreferer: https://x.example' },
    ],
    ['curl http://example.com/a?b=1&c=2 -o out', { url: 'http://example.com/a?b=1&c=2' }],
  ])('is read as the request it makes: %s', (text, expected) => {
    expect(request(text)).toMatchObject(expected);
  });

  it('is taken from the network panel of a browser', () => {
    const text = raw`curl 'https://api.example.com/v1/items?limit=10' \
  -H 'accept: application/json, text/plain, */*' \
  -H 'accept-encoding: gzip, deflate, br, zstd' \
  -b 'sid=abc; theme=dark' \
  -H 'user-agent: Mozilla/5.0 (X11; Linux x86_64)' \
  -H 'content-type: application/json' \
  --data-raw $'{"text":"it\'s \u00fcber\u0021 \ud83d\ude00","n":1}' \
  --compressed`;
    expect(request(text)).toEqual({
      method: 'POST',
      url: 'https://api.example.com/v1/items?limit=10',
      headers: [
        'accept: application/json, text/plain, */*',
        'cookie: sid=abc; theme=dark',
        'user-agent: Mozilla/5.0 (X11; Linux x86_64)',
        'content-type: application/json',
      ].join('\n'),
      body: '{"text":"it\'s über! 😀","n":1}',
      follow_redirects: false,
    });
    expect(notes(text)).toContain('sees cookie');
  });

  it('has its name and password in a header, from an option before the address', () => {
    expect(request('curl -u anna:päss https://example.com').headers).toBe(
      `authorization: Basic ${Buffer.from('anna:päss').toString('base64')}`,
    );
    const inUrl = request('curl https://anna:p%40ss@example.com/x');
    expect(inUrl).toMatchObject({
      url: 'https://example.com/x',
      headers: `authorization: Basic ${Buffer.from('anna:p@ss').toString('base64')}`,
    });
    expect(request('curl https://a:b@example.com --oauth2-bearer abc').headers).toBe('authorization: Bearer abc');
    expect(notes('curl -uanna https://example.com')).toContain('password is missing');
  });

  it('may be one of several lines, with blanks behind their ends or without their backslashes', () => {
    expect(request('curl https://example.com \\ \r\n  -H "a: b" \\\n\n -L')).toMatchObject({ headers: 'a: b', follow_redirects: true });
    expect(request("curl https://example.com\n-H 'a: b'\n-L")).toMatchObject({ headers: 'a: b', follow_redirects: true });
  });

  it('has its time limit', () => {
    expect(readCurl('curl -m 2.5 https://example.com')).toMatchObject({ request: { timeout_seconds: '2.5' } });
    expect(readCurl('curl https://example.com')).toMatchObject({ request: { timeout_seconds: null } });
  });

  it.each([
    ['curl -k -L https://example.com', 'certificates are always checked'],
    ['curl --frobnicate -x http://p:3128 --cert c.pem https://example.com', 'Left out: --frobnicate, -x, --cert.'],
    ['curl -sS https://example.com | jq .name', 'Left out: | jq .name'],
    ['curl https://one.example https://two.example', 'not https://two.example'],
    [raw`curl -H "Authorization: Bearer $TOKEN" https://$HOST/$(date +%F)`, 'Only your shell knows $TOKEN, $HOST, $(date +%F)'],
    ['curl -d @body.json https://example.com', 'in the file body.json'],
    ['curl -F a=b -F c=@d https://example.com', '-F: '],
    ["curl -XGET https://example.com -d '{}'", 'A GET request has no body here'],
    ["curl -H 'Host: other.example' https://example.com", 'not other.example'],
    ['curl https://example.com', 'no -L'],
  ])('names what a step cannot do: %s', (text, note) => expect(notes(text)).toContain(note));

  it('says nothing where nothing is lost', () => {
    expect(notes(raw`curl --fail --silent --show-error -L -o /dev/null -w "%{http_code}\n" --retry-connrefused https://example.com`)).toBe(
      '',
    );
  });

  it.each([
    ['wget https://example.com', 'begin with “curl”'],
    ['curl', 'names no address'],
    ['curl -H', '-H needs a value'],
    ['curl ftp://example.com/x', 'no http or https address'],
    ['curl https://', 'no http or https address'],
    ["curl 'https://example.com", 'not closed'],
    ['curl -X PURGE https://example.com', 'PURGE is none of the methods'],
    ['curl ^"https://example.com^" ^\n -L', 'Copy it for bash'],
    [`curl ${'x'.repeat(300_000)}`, 'longer than any step'],
  ])('says what is wrong with %s', (text, said) => expect(problem(text)).toContain(said));

  it('gives back any address, header and body that was quoted for a shell', () => {
    const quote = (text: string): string => `'${text.replaceAll("'", raw`'\''`)}'`;
    const ansi = (text: string): string => `$'${text.replaceAll(/[\\']/g, raw`\$&`).replaceAll('\n', raw`\n`)}'`;
    const line = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => !text.startsWith('@'));
    fc.assert(
      fc.property(line, fc.string({ minLength: 1 }), (value, body) => {
        fc.pre(!body.startsWith('@'));
        const header = `x-test: ${value.trim().replaceAll(/\s+/g, ' ')}`;
        const text = `curl -H ${quote(header)} --data-raw ${ansi(body)} https://example.com`;
        fc.pre(!/\^"|\^\r?\n/.test(text));
        const { headers, body: read } = request(text);
        expect(read).toBe(body);
        expect(headers.split('\n')[0]).toBe(header === 'x-test: ' ? 'content-type: application/x-www-form-urlencoded' : header);
      }),
    );
  });

  it('is read in no time, whatever it is', () => {
    const long = ['$(', '\\', "'", '"', ' \n', "$'\\x41", '`', '${', ' -', '&', '#', '\\\n'].map(
      (part) => `curl ${part.repeat(190_000 / part.length)}`,
    );
    const started = process.cpuUsage().user;
    for (const text of long) readCurl(text);
    expect((process.cpuUsage().user - started) / 1e6).toBeLessThan(5);
    fc.assert(fc.property(fc.string(), (text) => typeof readCurl(`curl ${text}`).ok === 'boolean'));
  });
});
