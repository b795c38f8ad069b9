export { alertedRuns } from './alerted-runs.ts';
export { DELIVERIES_TOPIC, queueNotices, queueRecovery } from './queue-notices.ts';
export type { NoticeRequest } from './queue-notices.ts';
