import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { RateBudgets, RateClass, RateLimiter, RateState } from '../../ports/rate-limiter.ts';
import { BUDGET_SECONDS, takeFrom } from '../shared/take-from.ts';

/** Counts in this process: right where one server runs. */
export class MemoryRateLimiter implements RateLimiter {
  readonly #limiters: Readonly<Record<RateClass, RateLimiterMemory>>;

  constructor(budgets: RateBudgets) {
    const limiter = (points: number): RateLimiterMemory => new RateLimiterMemory({ points, duration: BUDGET_SECONDS });
    this.#limiters = {
      auth: limiter(budgets.auth),
      read: limiter(budgets.read),
      write: limiter(budgets.write),
      agent: limiter(budgets.agent),
    };
  }

  take(rateClass: RateClass, caller: string): Promise<RateState> {
    return takeFrom(this.#limiters[rateClass], caller);
  }

  close(): void {
    // Its timers hold nothing open.
  }
}
