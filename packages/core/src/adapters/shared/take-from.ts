import { RateLimiterRes } from 'rate-limiter-flexible';
import type { RateLimiterAbstract } from 'rate-limiter-flexible';
import type { RateState } from '../../ports/rate-limiter.ts';

/** How long a budget lasts. */
export const BUDGET_SECONDS = 60;

function stateOf(limit: number, answer: RateLimiterRes, isOver: boolean): RateState {
  return { limit, remaining: answer.remainingPoints, reset_ms: Math.max(0, answer.msBeforeNext), is_over: isOver };
}

/** Takes one call from a budget. The library rejects with a result when the budget is used up, and with an error when it broke. */
export async function takeFrom(limiter: RateLimiterAbstract, caller: string): Promise<RateState> {
  try {
    return stateOf(limiter.points, await limiter.consume(caller), false);
  } catch (answer) {
    if (answer instanceof RateLimiterRes) return stateOf(limiter.points, answer, true);
    throw answer;
  }
}
