import { isIPv4 } from 'node:net';
import ipaddr from 'ipaddr.js';

export type Address = ipaddr.IPv4 | ipaddr.IPv6;
export type Range = [Address, number];

/** Not reachable for the public, or not what it seems. First match wins. **Source:** IANA special-purpose address registries. */
const SPECIAL: readonly (readonly [cidr: string, words: string])[] = [
  ['127.0.0.0/8', 'a loopback address'],
  ['10.0.0.0/8', 'a private address'],
  ['172.16.0.0/12', 'a private address'],
  ['192.168.0.0/16', 'a private address'],
  ['100.64.0.0/10', 'a carrier-grade NAT address'],
  ['169.254.0.0/16', 'a link-local address'],
  ['0.0.0.0/8', 'an unspecified address'],
  ['192.0.0.0/24', 'a reserved address'],
  ['192.0.2.0/24', 'a documentation address'],
  ['192.88.99.0/24', 'a reserved address'],
  ['198.18.0.0/15', 'a benchmarking address'],
  ['198.51.100.0/24', 'a documentation address'],
  ['203.0.113.0/24', 'a documentation address'],
  ['224.0.0.0/4', 'a multicast address'],
  ['255.255.255.255/32', 'a broadcast address'],
  ['240.0.0.0/4', 'a reserved address'],
  ['::1/128', 'a loopback address'],
  ['::/128', 'an unspecified address'],
  ['::ffff:0:0/96', 'an IPv4 address written as IPv6'],
  ['::ffff:0:0:0/96', 'a translated IPv4 address'],
  ['::/96', 'an IPv4 address written as IPv6'],
  ['64:ff9b::/96', 'a NAT64 address'],
  ['64:ff9b:1::/48', 'a NAT64 address'],
  ['100::/64', 'a discard address'],
  ['2001::/32', 'a Teredo address'],
  ['2001::/23', 'a reserved address'],
  ['2001:db8::/32', 'a documentation address'],
  ['2002::/16', 'a 6to4 address'],
  ['3fff::/20', 'a documentation address'],
  ['fc00::/7', 'a private address'],
  ['fe80::/10', 'a link-local address'],
  ['fec0::/10', 'a site-local address'],
  ['ff00::/8', 'a multicast address'],
];
const SPECIAL_RANGES = SPECIAL.map(([cidr, words]) => ({ range: ipaddr.parseCIDR(cidr), words }));

/** The only part of IPv6 that is given out; all else is refused, also what is defined after this was written. */
const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3');

const LOOPBACK = ['127.0.0.0/8', '::1/128'].map((cidr) => ipaddr.parseCIDR(cidr));

/** They hand out credentials of the machine. Some lie in public ranges, so they are named one by one. */
const METADATA_ADDRESSES = new Set(
  [
    '169.254.169.254', // most clouds
    '169.254.170.2', // container credentials
    '169.254.170.23', // pod identity
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    'fd00:ec2::254',
    'fd00:ec2::23',
    'fd20:ce::254',
  ].map((address) => ipaddr.parse(address).toNormalizedString()),
);

export const METADATA_NAMES: ReadonlySet<string> = new Set([
  'metadata',
  'metadata.goog',
  'metadata.google.internal',
  'instance-data',
  'instance-data.ec2.internal',
]);

export function parseAddress(text: string): Address {
  // A zone only tells the interface.
  return ipaddr.parse(text.replace(/%.*$/, ''));
}

export function isInRange(address: Address, [base, bits]: Range): boolean {
  if (address.kind() !== base.kind()) return false;
  return address.match(base, bits);
}

export const isLoopback = (address: Address): boolean => LOOPBACK.some((range) => isInRange(address, range));

export const isMetadata = (address: Address): boolean => METADATA_ADDRESSES.has(address.toNormalizedString());

/** What kind of address it is, in words; null for an ordinary public one. */
export function describeSpecial(address: Address): string | null {
  const special = SPECIAL_RANGES.find(({ range }) => isInRange(address, range));
  if (special !== undefined) return special.words;
  return address.kind() === 'ipv6' && !isInRange(address, GLOBAL_UNICAST) ? 'a reserved address' : null;
}

/** The IPv4 address that packets to this one end up at; null when there is none inside. */
export function embeddedAddress(address: Address): ipaddr.IPv4 | null {
  if (address.kind() === 'ipv4') return null;
  const bytes = address.toByteArray();
  const inside = (cidr: string): boolean => isInRange(address, ipaddr.parseCIDR(cidr));
  if (inside('2002::/16')) return new ipaddr.IPv4(bytes.slice(2, 6));
  if (inside('2001::/32')) return new ipaddr.IPv4(bytes.slice(12).map((byte) => byte ^ 0xff));
  if (inside('::1/128') || inside('::/128')) return null;
  const isLast = ['::ffff:0:0/96', '::ffff:0:0:0/96', '64:ff9b::/96', '::/96'].some(inside);
  return isLast ? new ipaddr.IPv4(bytes.slice(12)) : null;
}

export const isMapped = (address: Address): boolean => isInRange(address, ipaddr.parseCIDR('::ffff:0:0/96'));

/** An address is a range of one. @throws when the text is neither an address nor CIDR. */
export function parseRange(text: string): Range {
  if (text.includes('/')) return ipaddr.parseCIDR(text);
  return [ipaddr.parse(text), isIPv4(text) ? 32 : 128];
}
