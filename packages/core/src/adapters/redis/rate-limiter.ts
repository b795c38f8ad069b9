import { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible';
import type { RateLimiterAbstract } from 'rate-limiter-flexible';
import type { DatabaseLogger } from '../../db/logger.ts';
import type { RateBudgets, RateClass, RateLimiter, RateState } from '../../ports/rate-limiter.ts';
import { BUDGET_SECONDS, takeFrom } from '../shared/take-from.ts';

const ANSWER_TIMEOUT_MS = 250;
const MAX_RETRY_MS = 5000;

/**
 * Counts for all servers together. While Redis is away each server counts for itself with the same budgets. Agents are always
 * counted here: they call often, and a round trip per call would cost more than the call.
 */
export class RedisRateLimiter implements RateLimiter {
  readonly #client: Redis;
  readonly #limiters: Readonly<Record<RateClass, RateLimiterAbstract>>;

  constructor(url: string, budgets: RateBudgets, logger: DatabaseLogger) {
    this.#client = new Redis(url, {
      commandTimeout: ANSWER_TIMEOUT_MS,
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      retryStrategy: (times: number) => Math.min(times * 100, MAX_RETRY_MS),
    });
    this.#client.on('error', (error: Error) => logger.warn({ err: error }, 'Redis, which counts calls, is out of reach'));
    const local = (rateClass: RateClass): RateLimiterMemory =>
      new RateLimiterMemory({ points: budgets[rateClass], duration: BUDGET_SECONDS });
    const shared = (rateClass: RateClass): RateLimiterRedis =>
      new RateLimiterRedis({
        storeClient: this.#client,
        keyPrefix: `tidemark:rate:${rateClass}`,
        points: budgets[rateClass],
        duration: BUDGET_SECONDS,
        rejectIfRedisNotReady: true,
        // What is over stays over without asking again.
        inMemoryBlockOnConsumed: budgets[rateClass] + 1,
        insuranceLimiter: local(rateClass),
      });
    this.#limiters = { auth: shared('auth'), read: shared('read'), write: shared('write'), agent: local('agent') };
  }

  take(rateClass: RateClass, caller: string): Promise<RateState> {
    return takeFrom(this.#limiters[rateClass], caller);
  }

  close(): void {
    this.#client.disconnect();
  }
}
