import { BlockList, isIP } from 'node:net';

/** A set of addresses, written as CIDR or one by one. */
export interface Networks {
  readonly size: number;
  has(address: string): boolean;
}

/** An IPv4 address that arrived on an IPv6 socket is the IPv4 address; a zone only tells the interface. */
export function plainAddress(address: string): string {
  const bare = address.replace(/%.*$/, '').toLowerCase();
  return bare.startsWith('::ffff:') && isIP(bare.slice(7)) === 4 ? bare.slice(7) : bare;
}

/** Null when the text is neither an address nor CIDR. */
function rangeOf(text: string): { address: string; bits: number; family: 'ipv4' | 'ipv6' } | null {
  const [address = '', length, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0 || address.includes('%')) return null;
  const width = version === 4 ? 32 : 128;
  const bits = length === undefined ? width : /^[0-9]{1,3}$/.test(length) ? Number(length) : -1;
  return bits < 0 || bits > width ? null : { address, bits, family: version === 4 ? 'ipv4' : 'ipv6' };
}

export function isNetwork(text: string): boolean {
  return rangeOf(text) !== null;
}

/** Entries that are none are left out; whoever takes them from a person asks `isNetwork` first. */
export function compileNetworks(entries: readonly string[]): Networks {
  const list = new BlockList();
  for (const entry of entries) {
    const range = rangeOf(entry);
    if (range !== null) list.addSubnet(range.address, range.bits, range.family);
  }
  return {
    size: entries.length,
    has: (address) => {
      const plain = plainAddress(address);
      const version = isIP(plain);
      return version !== 0 && list.check(plain, version === 4 ? 'ipv4' : 'ipv6');
    },
  };
}
