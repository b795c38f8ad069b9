export type { DatabaseCapabilities, DatabaseHandle, Statement, StatementRunner, WakeBus, Writer } from './database.ts';
