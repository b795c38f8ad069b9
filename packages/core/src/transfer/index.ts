export { exportMonitors } from './export-monitors.ts';
export { importMonitors } from './import-monitors.ts';
