export { backTest } from './back-test.ts';
export { moveMonitor } from './move-monitor.ts';
export type { MonitorSnapshot, MonitorNews } from './move-monitor.ts';
export { observe } from './observe.ts';
export type { Observation, Side, SideChange } from './observe.ts';
export { advance, applyEdit, staleMs, timelineOf } from './timeline.ts';
export type { Segment, TimelinePolicy, TimelineState } from './timeline.ts';
export { acknowledgeOutage, getOutage, listOutages, muteOutage } from './list-outages.ts';
