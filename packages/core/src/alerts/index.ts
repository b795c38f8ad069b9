export { alertedRuns } from './alerted-runs.ts';
export { createChannel, deleteChannel, getChannel, listChannels, updateChannel } from './channels.ts';
export { dispatchDeliveries, nextDeliveryMs } from './dispatch-deliveries.ts';
export { deferNotices, dropNotices, isDown } from './hold-notices.ts';
export { listDeliveries, retryDelivery, testChannel } from './list-deliveries.ts';
export { DELIVERIES_TOPIC, queueAlertEnd, queueNotices, queueRecovery } from './queue-notices.ts';
export type { NoticeRequest } from './queue-notices.ts';
export { remindOutages } from './remind-outages.ts';
