export { RedisWake } from './wake.ts';
