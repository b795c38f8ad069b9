import { createClient, type Client } from '@tidemark/api/client';
import { Command } from 'commander';
import { Terminal, type Io } from './terminal.ts';

interface GlobalOptions {
  url: string;
  key?: string;
  json?: boolean;
}

/** What a command works with: the server it talks to and the terminal it writes to. */
export interface Cli {
  url: string;
  key: string | undefined;
  client: Client;
  isJson: boolean;
  terminal: Terminal;
}

export interface Call<Options> {
  args: readonly string[];
  options: Options;
}

type Run<Options> = (cli: Cli, call: Call<Options>) => Promise<number | void>;

/** One invocation: turns a command's verb into commander's action and keeps the exit code it ends with. */
export class Session {
  readonly io: Io;
  exitCode = 0;

  constructor(io: Io) {
    this.io = io;
  }

  action<Options = object>(run: Run<Options>): (...parameters: unknown[]) => Promise<void> {
    return async (...parameters) => {
      const command = parameters.at(-1);
      if (!(command instanceof Command)) throw new TypeError('an action without its command');
      const { url, key, json } = command.optsWithGlobals<GlobalOptions>();
      const cli: Cli = { url, key, client: createClient({ url, key }), isJson: json === true, terminal: new Terminal(this.io) };
      this.exitCode = (await run(cli, { args: command.args, options: command.opts() as Options })) ?? 0;
    };
  }
}
