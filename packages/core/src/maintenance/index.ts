export { appliesTo, isInMaintenance, occurrences } from './occurrences.ts';
export type { MaintenanceRow } from './occurrences.ts';
export { createMaintenance, deleteMaintenance, listMaintenance } from './plan-maintenance.ts';
