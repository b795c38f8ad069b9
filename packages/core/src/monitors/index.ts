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
export { listPublicMonitors } from './list-public-monitors.ts';
export { pingMonitor } from './ping-monitor.ts';
export { runMonitor, waitForRun } from './run-monitor.ts';
export { nextDueMs, scheduleRuns } from './schedule-runs.ts';
