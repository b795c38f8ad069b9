export { RedisConnection } from './connection.ts';
export { DEFAULT_LIMITS, RedisHistoryStore, type HistoryLimits } from './history-store.ts';
export { RedisRateLimiter } from './rate-limiter.ts';
export { RedisWake } from './wake.ts';
