import { InvalidArgumentError, type Command } from 'commander';

export interface ServerOptions {
  host?: string;
  port?: number;
  dataDir?: string;
}

const MAX_PORT = 65_535;

function portArgument(value: string): number {
  const port = Number(value);
  if (!/^\d+$/.test(value) || port > MAX_PORT) throw new InvalidArgumentError('It must be a whole number from 0 to 65535.');
  return port;
}

export function addServerOptions(command: Command): Command {
  return command
    .option('--host <address>', 'address to listen on (HOST; default: 127.0.0.1)')
    .option('--port <number>', 'port to listen on (PORT; default: 3000)', portArgument)
    .option('--data-dir <folder>', 'embedded database and local state (DATA_DIR; default: ./data)');
}

/** The options as the environment variables the server reads. */
export function serverEnv(options: ServerOptions): Record<string, string> {
  return {
    ...(options.host === undefined ? {} : { HOST: options.host }),
    ...(options.port === undefined ? {} : { PORT: String(options.port) }),
    ...(options.dataDir === undefined ? {} : { DATA_DIR: options.dataDir }),
  };
}
