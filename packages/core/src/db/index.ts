export { listMigrations, migrate, type Migration } from './migrate.ts';
export { SILENT_LOGGER, type DatabaseLogger } from './logger.ts';
export type * from './monitor-tables.ts';
export type * from './schema.ts';
