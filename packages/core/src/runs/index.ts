export { appendStepEvents, streamOf } from './append-step-events.ts';
export { excludeSpan, listSpans, revokeSpan } from './exclude-span.ts';
export { getRun, listIncidents, listResults, listTiming, watchMonitor } from './list-results.ts';
export { readStepEvents } from './read-step-events.ts';
export { MONITORS_TOPIC, recordFinished, recordRuns, RUN_KEY, SCHEDULE_TOPIC } from './record-runs.ts';
export { pruneRuns } from './prune-runs.ts';
export { requireMonitor } from './require-monitor.ts';
export { toRecordedRun } from './to-recorded-run.ts';
export { SqlHistoryStore } from './sql-history-store.ts';
