import { pino } from 'pino';
import type { Logger } from 'pino';
import pretty from 'pino-pretty';
import type { Config } from './config.ts';

/** Structured logs on stdout; for people on a terminal, for machines elsewhere. */
export function createLogger(config: Pick<Config, 'log_level' | 'log_format'>): Logger {
  const options = { level: config.log_level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  if (config.log_format === 'pretty') return pino(options, pretty({ sync: true, translateTime: 'SYS:HH:MM:ss.l', ignore: 'pid,hostname' }));
  return pino(options, pino.destination({ fd: 1, sync: true }));
}
