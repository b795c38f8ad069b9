import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RateBudgets, RateLimiter } from '../ports/index.ts';

/** What every rate limiter does. */
export function rateLimiterContract(name: string, open: (budgets: RateBudgets) => Promise<RateLimiter>): void {
  describe(`the rate limiter ${name}`, () => {
    let limiter: RateLimiter;

    beforeAll(async () => {
      limiter = await open({ auth: 2, read: 3, write: 5, agent: 4 });
    });
    afterAll(() => limiter.close());

    it('lets exactly the budget through and says what is left', async () => {
      const states = [];
      for (let call = 0; call < 5; call += 1) states.push(await limiter.take('read', 'a'));
      expect(states.map(({ remaining, is_over }) => [remaining, is_over])).toEqual([
        [2, false],
        [1, false],
        [0, false],
        [0, true],
        [0, true],
      ]);
      for (const { limit, reset_ms } of states) {
        expect(limit).toBe(3);
        expect(reset_ms).toBeGreaterThan(0);
        expect(reset_ms).toBeLessThanOrEqual(60_000);
      }
    });

    it('counts each caller and each class for itself', async () => {
      for (const [rateClass, budget] of [
        ['auth', 2],
        ['write', 5],
        ['agent', 4],
      ] as const) {
        for (let call = 0; call < budget; call += 1) expect((await limiter.take(rateClass, 'b')).is_over).toBe(false);
        expect((await limiter.take(rateClass, 'b')).is_over, rateClass).toBe(true);
        expect((await limiter.take(rateClass, 'c')).is_over).toBe(false);
      }
      expect((await limiter.take('read', 'b')).is_over).toBe(false);
    });

    it('lets no more through when calls come at once', async () => {
      const states = await Promise.all(Array.from({ length: 50 }, () => limiter.take('write', 'crowd')));
      expect(states.filter(({ is_over }) => !is_over)).toHaveLength(5);
    });

    it.each(['__proto__', 'constructor', 'a:b', 'ä', ' '])('takes %j as an ordinary caller', async (caller) => {
      expect((await limiter.take('read', caller)).remaining).toBe(2);
    });
  });
}
