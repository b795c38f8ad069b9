export { checkDrift } from './check-drift.ts';
export { foldStatistics } from './fold-statistics.ts';
export { getSeries } from './get-series.ts';
export { getStats } from './get-stats.ts';
