export { explainUptime } from './explain-uptime.ts';
export { getMonitorSeries } from './get-monitor-series.ts';
export { getSlo } from './get-slo.ts';
export { getTimeline } from './get-timeline.ts';
export { getUptime, listUptimes } from './get-uptime.ts';
export { glanceMonitors } from './glance-monitors.ts';
export { floorPct, uptimePct } from './uptime-pct.ts';
