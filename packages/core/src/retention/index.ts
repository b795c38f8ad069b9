export { type FinalStatus, removeWorkloads } from './remove-workloads.ts';
export { runRetention } from './run-retention.ts';
export { getRetention, setRetention } from './set-retention.ts';
