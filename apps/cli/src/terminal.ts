import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];
type Output = Writable & { isTTY?: boolean };

/** The world around one invocation. */
export interface Io {
  stdin: Readable & { isTTY?: boolean };
  stdout: Output;
  stderr: Output;
  env: NodeJS.ProcessEnv;
}

/** Where a command writes: data to stdout, messages to stderr. */
export class Terminal {
  readonly io: Io;

  constructor(io: Io) {
    this.io = io;
  }

  /** Waits while the reader is slow, so that a long output is not piled up in memory. */
  async data(data: string | Uint8Array): Promise<void> {
    await write(this.io.stdout, data);
  }

  async message(text: string): Promise<void> {
    await write(this.io.stderr, `${text}\n`);
  }

  async errorOutput(text: string): Promise<void> {
    await write(this.io.stderr, text);
  }

  /** One JSON document: indented for a person at a terminal, one line for a program. */
  async json(value: unknown): Promise<void> {
    await this.data(`${this.io.stdout.isTTY === true ? JSON.stringify(value, null, 2) : JSON.stringify(value)}\n`);
  }

  style(format: Format, text: string): string {
    return styled(this.io.stdout, format, text);
  }

  errorStyle(format: Format, text: string): string {
    return styled(this.io.stderr, format, text);
  }
}

/** Colours only for a terminal, and never when `NO_COLOR` is set to anything. */
function styled(stream: Output, format: Format, text: string): string {
  const noColor = process.env['NO_COLOR'];
  if (noColor !== undefined && noColor !== '') return text;
  return styleText(format, text, { stream });
}

async function write(stream: Output, data: string | Uint8Array): Promise<void> {
  if (data.length === 0) return;
  if (!stream.write(data) && !stream.destroyed) await once(stream, 'drain');
}
