export { RedisRateLimiter } from './rate-limiter.ts';
export { RedisWake } from './wake.ts';
