import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePolicy, type EgressPolicy, normaliseHost } from './policy.ts';
import { parseTarget } from './parse-target.ts';

const closed: EgressPolicy = { allow: [] };

function findProblem(url: string, policy: EgressPolicy = closed): string | null {
  try {
    const { host } = parseTarget(url).target;
    const compiled = compilePolicy(policy);
    return compiled.findHostProblem(host) ?? (/^[\d.]+$|:/.test(host) ? compiled.findAddressProblem(host, host) : null);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** What a URL says, and words that the refusal must hold. */
const REFUSED: readonly (readonly [url: string, words: string])[] = [
  // Forms of one loopback address.
  ['http://127.0.0.1/', '127.0.0.1 is a loopback address; an administrator can allow it'],
  ['http://127.1/', '127.0.0.1 is a loopback'],
  ['http://127.0.1/', '127.0.0.1 is a loopback'],
  ['http://2130706433/', '127.0.0.1 is a loopback'],
  ['http://0x7f000001/', '127.0.0.1 is a loopback'],
  ['http://0x7f.0.0.1/', '127.0.0.1 is a loopback'],
  ['http://017700000001/', '127.0.0.1 is a loopback'],
  ['http://0177.0.0.1/', '127.0.0.1 is a loopback'],
  ['http://127.255.255.255/', 'loopback'],
  ['http://127.0.0.1./', 'loopback'],
  ['http://127。0。0。1/', 'loopback'],
  ['http://１２７.0.0.1/', 'loopback'],
  ['http://①②⑦.⓪.⓪.①/', 'loopback'],
  ['http:///127.0.0.1/', 'loopback'],
  ['http:\\\\127.0.0.1\\', 'loopback'],
  ['http:127.0.0.1', 'loopback'],
  ['http://%31%32%37.0.0.1/', 'loopback'],
  ['http://[::1]/', '::1 is a loopback'],
  ['http://[0:0:0:0:0:0:0:1]/', 'loopback'],
  ['http://[::ffff:127.0.0.1]/', 'loopback'],
  ['http://[::ffff:7f00:1]/', 'loopback'],
  ['http://[::127.0.0.1]/', 'loopback'],
  ['http://[::ffff:0:127.0.0.1]/', 'loopback'],
  ['http://[64:ff9b::127.0.0.1]/', 'loopback'],
  ['http://[2002:7f00:1::]/', 'loopback'],
  ['http://[2001:0:0:0:0:0:80ff:fffe]/', 'loopback'],
  // The first and last of each range.
  ['http://0.0.0.0/', 'an unspecified address'],
  ['http://0/', 'an unspecified address'],
  ['http://0.255.255.255/', 'an unspecified address'],
  ['http://10.0.0.1/', '10.0.0.1 is a private address; an administrator can allow it'],
  ['http://10.255.255.255/', 'a private address'],
  ['http://172.16.0.0/', 'a private address'],
  ['http://172.31.255.255/', 'a private address'],
  ['http://192.168.0.0/', 'a private address'],
  ['http://192.168.255.255/', 'a private address'],
  ['http://100.64.0.0/', 'carrier-grade NAT'],
  ['http://100.127.255.255/', 'carrier-grade NAT'],
  ['http://169.254.0.1/', 'link-local'],
  ['http://192.0.0.8/', 'reserved'],
  ['http://192.0.2.1/', 'documentation'],
  ['http://198.18.0.0/', 'benchmarking'],
  ['http://198.19.255.255/', 'benchmarking'],
  ['http://198.51.100.7/', 'documentation'],
  ['http://203.0.113.7/', 'documentation'],
  ['http://224.0.0.1/', 'multicast'],
  ['http://239.255.255.255/', 'multicast'],
  ['http://240.0.0.1/', 'reserved'],
  ['http://255.255.255.255/', 'broadcast'],
  ['http://[::]/', 'unspecified'],
  ['http://[fc00::1]/', 'private'],
  ['http://[fdff::1]/', 'private'],
  ['http://[fe80::1]/', 'link-local'],
  ['http://[febf:ffff::1]/', 'link-local'],
  ['http://[fec0::1]/', 'site-local'],
  ['http://[ff02::1]/', 'multicast'],
  ['http://[100::1]/', 'discard'],
  ['http://[2001:db8::1]/', 'documentation'],
  ['http://[3fff::1]/', 'documentation'],
  ['http://[2001:2::1]/', 'reserved'],
  ['http://[2002:808:808::1]/', '6to4'],
  ['http://[2001:0:1::f7f7:f7f7]/', 'Teredo'],
  ['http://[64:ff9b::8.8.8.8]/', 'NAT64'],
  ['http://[64:ff9b:1::1]/', 'NAT64'],
  ['http://[::ffff:8.8.8.8]/', 'an IPv4 address written as IPv6'],
  ['http://[4000::1]/', 'reserved'],
  ['http://[fe80::1%25eth0]/', 'not a URL'],
  // Credentials of the machine.
  ['http://169.254.169.254/latest/', 'a cloud metadata address'],
  ['http://[::ffff:169.254.169.254]/', 'a cloud metadata address'],
  ['http://[fd00:ec2::254]/', 'a cloud metadata address'],
  ['http://100.100.100.200/', 'a cloud metadata address'],
  ['http://168.63.129.16/', 'a cloud metadata address'],
  ['http://192.0.0.192/', 'a cloud metadata address'],
  ['http://metadata.google.internal/', 'a cloud metadata service'],
  ['http://Metadata.Google.Internal./', 'a cloud metadata service'],
  // Not what the client speaks.
  ['file:///etc/passwd', 'only http and https'],
  ['gopher://example.com/', 'only http and https'],
  ['data:text/plain,x', 'only http and https'],
  ['javascript:alert(1)', 'only http and https'],
  ['ftp://example.com/', 'only http and https'],
  ['blob:https://example.com/1', 'only http and https'],
  ['about:blank', 'only http and https'],
  ['ws://example.com/', 'only http and https'],
  ['view-source:http://example.com/', 'only http and https'],
  ['http://user@example.com/', 'user name or password'],
  ['http://:secret@example.com/', 'user name or password'],
  ['http://example.com@127.0.0.1/', 'user name or password'],
  ['http://exam\nple.com/', 'control characters'],
  ['http://example.com/\t', 'control characters'],
  ['http://example.com/ x', 'spaces'],
  [`http://example.com/${'x'.repeat(8192)}`, 'longer than'],
  ['http://example.com:0/', 'port 0'],
  ['http://example.com:99999/', 'not a URL'],
  ['http://example.com:-1/', 'not a URL'],
  ['http://example.com:6379/', 'belongs to another protocol'],
  ['http://example.com:25/', 'belongs to another protocol'],
  ['http://example..com/', 'not a host name'],
  ['//example.com', 'not a URL'],
  ['', 'not a URL'],
];

const NEIGHBOURS = [
  'http://1.0.0.0/',
  'http://9.255.255.255/',
  'http://11.0.0.0/',
  'http://126.255.255.255/',
  'http://128.0.0.0/',
  'http://172.15.255.255/',
  'http://172.32.0.0/',
  'http://192.167.255.255/',
  'http://192.169.0.0/',
  'http://100.63.255.255/',
  'http://100.128.0.0/',
  'http://169.253.255.255/',
  'http://169.255.0.0/',
  'http://198.17.255.255/',
  'http://198.20.0.0/',
  'http://223.255.255.255/',
  'http://8.8.8.8/',
  'http://[2606:4700::1111]/',
  'http://[2001:200::1]/',
  'http://[2003::1]/',
  'https://example.com:8443/path?x=1#y',
  'http://sub.example.com./',
  'http://bücher.example/',
];

describe('without an allow-list', () => {
  test.each(REFUSED)('%j is refused with words', (url, words) => {
    expect(findProblem(url)).toContain(words);
  });

  test.each(NEIGHBOURS)('%s is a public target', (url) => {
    expect(findProblem(url)).toBeNull();
  });
});

describe('an allow-list', () => {
  const allows = (entry: string, url: string): boolean => findProblem(url, { allow: [entry] }) === null;

  test('opens a range, and nothing beside it', () => {
    expect(allows('10.1.0.0/16', 'http://10.1.255.255/')).toBe(true);
    expect(allows('10.1.0.0/16', 'http://10.2.0.0/')).toBe(false);
    expect(allows('fd00:1::/32', 'http://[fd00:1::5]/')).toBe(true);
    expect(allows('fd00:1::/32', 'http://[fd00:2::5]/')).toBe(false);
    expect(allows('0.0.0.0/0', 'http://[::1]/')).toBe(false);
  });

  test('opens one address, also where it is written as IPv6', () => {
    expect(allows('10.0.0.1', 'http://10.0.0.1/')).toBe(true);
    expect(allows('10.0.0.1', 'http://10.0.0.2/')).toBe(false);
    expect(allows('10.0.0.1', 'http://[::ffff:10.0.0.1]/')).toBe(true);
    expect(allows('[::1]', 'http://[::1]/')).toBe(true);
  });

  test('opens an address inside another one only when both are listed', () => {
    expect(allows('64:ff9b::/96', 'http://[64:ff9b::8.8.8.8]/')).toBe(true);
    expect(allows('64:ff9b::/96', 'http://[64:ff9b::10.0.0.1]/')).toBe(false);
    expect(findProblem('http://[64:ff9b::10.0.0.1]/', { allow: ['64:ff9b::/96', '10.0.0.0/8'] })).toBeNull();
  });

  test('opens metadata only when it is listed by itself', () => {
    expect(allows('169.254.0.0/16', 'http://169.254.169.254/')).toBe(false);
    expect(allows('169.254.169.254/32', 'http://169.254.169.254/')).toBe(true);
    expect(allows('169.254.169.254', 'http://169.254.169.254/')).toBe(true);
    expect(allows('*.google.internal', 'http://metadata.google.internal/')).toBe(false);
    expect(allows('metadata.google.internal', 'http://metadata.google.internal/')).toBe(true);
  });

  test('opens what a listed name or a name below a listed suffix resolves to', () => {
    const policy = compilePolicy({ allow: ['DB.Internal.', '*.corp.example'] });
    expect(policy.findAddressProblem('10.0.0.5', 'db.internal')).toBeNull();
    expect(policy.findAddressProblem('::ffff:10.0.0.5', 'db.internal')).toBeNull();
    expect(policy.findAddressProblem('10.0.0.5', 'a.b.corp.example')).toBeNull();
    expect(policy.findAddressProblem('10.0.0.5', 'corp.example')).toContain('which is a private address');
    expect(policy.findAddressProblem('10.0.0.5', 'evilcorp.example')).toContain('corp.example resolves to 10.0.0.5');
    expect(policy.findAddressProblem('169.254.169.254', 'db.internal')).toContain('metadata');
  });

  test('opens loopback as a whole with one switch', () => {
    const policy = { allow: [], allow_loopback: true };
    expect(findProblem('http://127.9.9.9/', policy)).toBeNull();
    expect(findProblem('http://[::1]/', policy)).toBeNull();
    expect(findProblem('http://[::ffff:127.0.0.1]/', policy)).toBeNull();
    expect(findProblem('http://10.0.0.1/', policy)).toContain('private');
  });

  test('loses against what the machine itself denies', () => {
    const policy = { allow: ['10.0.0.0/8', 'db.internal'], deny: ['10.1.0.0/16', '*.internal', '8.8.8.8'] };
    expect(findProblem('http://10.0.0.1/', policy)).toBeNull();
    expect(findProblem('http://10.1.0.1/', policy)).toContain('this machine may not reach');
    expect(findProblem('http://db.internal/', policy)).toContain('this machine may not reach');
    expect(findProblem('http://8.8.8.8/', policy)).toContain('this machine may not reach');
  });

  test.each(['10.0.0.0/33', '10.0.0.0/-1', 'a b', 'http://x/', '', 'x/y', '*.', 'a..b', 'host:80'])(
    'refuses the entry %j by name',
    (entry) => {
      expect(() => compilePolicy({ allow: [entry] })).toThrow(`"${entry}" in a list of hosts`);
    },
  );
});

test('a host is compared in its plain form', () => {
  expect(normaliseHost('EXAMPLE.com.')).toBe('example.com');
  expect(normaliseHost('bücher.example')).toBe('xn--bcher-kva.example');
  expect(normaliseHost('[::1]')).toBe('::1');
  expect(normaliseHost('0x7f.1')).toBe('127.0.0.1');
});

describe('however an IPv4 address is written', () => {
  const octet = fc.integer({ min: 0, max: 255 });
  const octets = fc.tuple(octet, octet, octet, octet);
  const inside = fc.oneof(
    octets.map(([, b, c, d]) => [10, b, c, d]),
    octets.map(([, b, c, d]) => [127, b, c, d]),
    octets.map(([, , c, d]) => [169, 254, c, d]),
    octets.map(([, , c, d]) => [192, 168, c, d]),
    octets.map(([, b, c, d]) => [172, 16 + (b % 16), c, d]),
    octets.map(([, b, c, d]) => [100, 64 + (b % 64), c, d]),
    octets.map(([a, b, c, d]) => [224 + (a % 32), b, c, d]),
  );
  const spellings = (parts: readonly number[]): string[] => {
    const number = parts.reduce((sum, part) => sum * 256 + part, 0);
    const dotted = parts.join('.');
    const pairs = [0, 2].map((at) => ((parts[at] ?? 0) * 256 + (parts[at + 1] ?? 0)).toString(16)).join(':');
    return [
      dotted,
      `${dotted}.`,
      String(number),
      `0x${number.toString(16)}`,
      `0${number.toString(8)}`,
      parts.map((part) => `0${part.toString(8)}`).join('.'),
      parts.map((part) => `0x${part.toString(16)}`).join('.'),
      dotted.replaceAll(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
      `[::ffff:${dotted}]`,
      `[::ffff:${pairs}]`,
      `[::${dotted}]`,
      `[64:ff9b::${dotted}]`,
      `[2002:${pairs}::1]`,
    ];
  };

  test('one that is inside is refused', () => {
    fc.assert(
      fc.property(inside, (parts) => {
        for (const host of spellings(parts)) expect(findProblem(`http://${host}/`), host).toMatch(/; an administrator can allow it/);
      }),
    );
  });

  test('an allowed one is allowed alone', () => {
    fc.assert(
      fc.property(inside, octets, (parts, others) => {
        const text = parts.join('.');
        fc.pre(!/^(169\.254\.|100\.100\.100\.200)/.test(text) && text !== others.join('.'));
        for (const host of spellings(parts).slice(0, 10)) expect(findProblem(`http://${host}/`, { allow: [text] }), host).toBeNull();
        const other = others.join('.');
        expect(findProblem(`http://${other}/`, { allow: [text] })).toBe(findProblem(`http://${other}/`));
      }),
    );
  });
});
