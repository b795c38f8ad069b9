export { ConfigError, readConfig } from './config.ts';
export type { Config } from './config.ts';
export { startServer } from './start-server.ts';
export type { RunningServer, ServerParts } from './start-server.ts';
