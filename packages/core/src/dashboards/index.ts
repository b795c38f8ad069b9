export { createDashboard, deleteDashboard, getDashboard, listDashboards, readDashboard, updateDashboard } from './dashboards.ts';
