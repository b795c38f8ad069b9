export { appendStepEvents, streamOf } from './append-step-events.ts';
export { getRun, listIncidents, listResults, listTiming, watchMonitor } from './list-results.ts';
export { readStepEvents } from './read-step-events.ts';
export { MONITORS_TOPIC, recordFinished, recordRuns, RUN_KEY } from './record-runs.ts';
export { requireMonitor } from './require-monitor.ts';
export { addToBuckets } from './save-runs.ts';
export { SqlHistoryStore } from './sql-history-store.ts';
