export { estimateJob } from './estimate.ts';
export { exportHistory } from './export-history.ts';
export { getThroughput } from './get-throughput.ts';
export { HistoryQueue } from './history-queue.ts';
export { listHistory, listWorkerHistory } from './list-history.ts';
export { pruneHistory } from './prune-history.ts';
export { isSlow, RATE_MINUTES, readRates } from './worker-rates.ts';
export type { RateRow } from './worker-rates.ts';
export { insertHistory, writeHistory } from './write-history.ts';
