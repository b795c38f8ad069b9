export {
  cloneMonitor,
  createMonitor,
  deleteMonitor,
  pauseMonitor,
  resumeMonitor,
  SCHEDULE_TOPIC,
  updateMonitor,
} from './change-monitor.ts';
export { definitionOf, requireSound } from './definition.ts';
export { getMonitor } from './get-monitor.ts';
export { listMonitors } from './list-monitors.ts';
export { listOpenRuns } from './list-open-runs.ts';
export { listPublicMonitors } from './list-public-monitors.ts';
export { pingMonitor } from './ping-monitor.ts';
export { byUrgency } from './rank-monitors.ts';
export { runMonitor, waitForRun } from './run-monitor.ts';
export { nextDueMs, scheduleRuns } from './schedule-runs.ts';
export { tryMonitor } from './try-monitor.ts';
