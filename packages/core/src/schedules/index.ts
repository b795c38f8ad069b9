export { intervalMs, nextCron, nextRun, phaseOf, requireCron } from './next-run.ts';
export type { Schedule } from './next-run.ts';
