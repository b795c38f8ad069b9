import { describe, expect, it } from 'vitest';
import { formatKey, newSecret, parseKey } from './key-text.ts';

describe('the text of a key', () => {
  it('comes back as its parts', () => {
    const parts = { id: 'key_0abc', secret: newSecret() };
    expect(parseKey(formatKey(parts))).toEqual(parts);
  });

  it('carries a new secret of 40 letters each time', () => {
    const secrets = new Set(Array.from({ length: 100 }, newSecret));
    expect(secrets.size).toBe(100);
    for (const secret of secrets) expect(secret).toMatch(/^[0-9a-hjkmnp-tv-z]{40}$/);
  });

  it('is told from a mistyped one by its checksum', () => {
    const key = formatKey({ id: 'key_0abc', secret: newSecret() });
    for (let index = 0; index < key.length; index += 1) {
      const typo = key.slice(0, index) + (key[index] === 'a' ? 'b' : 'a') + key.slice(index + 1);
      expect(parseKey(typo), `flipped at ${index}`).toBeNull();
    }
  });

  it.each(['', 'tmk_', 'null', 'undefined', 'tmk_a_b_c', `tmk_${'a'.repeat(10_000)}`])('is not %j', (text) => {
    expect(parseKey(text)).toBeNull();
  });
});
