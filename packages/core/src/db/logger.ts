/** What the adapters say about trouble they cure themselves; any pino logger fits. */
export interface DatabaseLogger {
  info(data: object, message: string): void;
  warn(data: object, message: string): void;
  error(data: object, message: string): void;
}

const ignore = (): void => undefined;

export const SILENT_LOGGER: DatabaseLogger = { info: ignore, warn: ignore, error: ignore };
