import { describe, expect, it } from 'vitest';
import { compileNetworks, isNetwork, plainAddress } from './networks.ts';

describe('a network', () => {
  it.each(['10.0.0.0/8', '127.0.0.1', '::1', '2001:db8::/32', '0.0.0.0/0', '::/0'])('is written as %s', (text) => {
    expect(isNetwork(text)).toBe(true);
  });

  it.each(['', '1', 'true', 'localhost', '10.0.0.0/33', '10.0.0/8', '::1/129', '10.0.0.0/8/8', '10.0.0.0/-1', '10.0.0.0/', 'fe80::1%eth0'])(
    'is not %j',
    (text) => {
      expect(isNetwork(text)).toBe(false);
    },
  );

  it('holds its first and last address and not their neighbours', () => {
    const networks = compileNetworks(['10.1.0.0/16', '192.0.2.7', '2001:db8::/64']);
    for (const inside of ['10.1.0.0', '10.1.255.255', '192.0.2.7', '::ffff:10.1.2.3', '2001:db8::ffff', '2001:DB8::1'])
      expect(networks.has(inside), inside).toBe(true);
    for (const outside of ['10.0.255.255', '10.2.0.0', '192.0.2.8', '2001:db8:0:1::', 'unknown', ''])
      expect(networks.has(outside), outside).toBe(false);
  });

  it('knows an IPv4 address that came over IPv6', () => {
    expect(plainAddress('::ffff:127.0.0.1')).toBe('127.0.0.1');
    expect(plainAddress('FE80::1%eth0')).toBe('fe80::1');
  });
});
