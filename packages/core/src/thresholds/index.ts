export { checkThresholds, THRESHOLDS_TOPIC } from './check-thresholds.ts';
export { createThreshold, deleteThreshold, getThreshold, listAlerts, listThresholds, updateThreshold } from './thresholds.ts';
