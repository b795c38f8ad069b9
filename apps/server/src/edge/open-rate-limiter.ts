import { MemoryRateLimiter } from '@tidemark/core/adapters/memory';
import { RedisRateLimiter } from '@tidemark/core/adapters/redis';
import type { RateLimiter } from '@tidemark/core/ports';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';

/** Counts in this process, or for all servers together where there is a Redis; null when nothing is to be counted. */
export function openRateLimiter({ rate_limits: budgets, redis_url: url }: Config, log: Logger): RateLimiter | null {
  if (budgets === null) return null;
  return url === null ? new MemoryRateLimiter(budgets) : new RedisRateLimiter(url, budgets, log);
}
