export { checkThresholds } from './check-thresholds.ts';
export { createThreshold, deleteThreshold, getThreshold, listAlerts, listThresholds, updateThreshold } from './thresholds.ts';
