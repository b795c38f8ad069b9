export { runRetention } from './run-retention.ts';
export { getRetention, setRetention } from './set-retention.ts';
