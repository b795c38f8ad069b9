export { checkDrift } from './check-drift.ts';
export { addToStatistics, foldStatistics } from './fold-statistics.ts';
export { getSeries } from './get-series.ts';
export { getStats } from './get-stats.ts';
export type { Histogram } from './histogram.ts';
export { addTo, classOf, quantile } from './histogram.ts';
