import { open, rename, rm } from 'node:fs/promises';
import { toRefusal, usage } from './failure.ts';
import type { Cli } from './session.ts';

export interface Source {
  readonly path: `/${string}`;
  readonly query: Readonly<Record<string, string | boolean>>;
  /** What the file is, such as `text/csv`. */
  readonly type: string;
}

/** Opens a download of the server. @throws {CommandError} its refusal, or that something else answers */
async function ask(cli: Cli, { path, query, type }: Source): Promise<AsyncIterable<Uint8Array>> {
  const params = new URLSearchParams(Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]));
  const headers: Record<string, string> = cli.key === undefined ? {} : { authorization: `Bearer ${cli.key}` };
  const answer = await fetch(`${cli.url}${path}?${params.toString()}`, { headers });
  const isIt = answer.ok && answer.headers.get('content-type')?.startsWith(type) === true;
  if (!isIt || answer.body === null) throw await toRefusal(answer, cli.url);
  return answer.body;
}

/** Writes a file that appears only when it is whole. */
async function save(pieces: AsyncIterable<Uint8Array>, path: string): Promise<void> {
  const part = `${path}.part`;
  const file = await open(part, 'w').catch(() => {
    throw usage('--output', `${path}: the file cannot be written.`);
  });
  try {
    try {
      for await (const piece of pieces) await file.writeFile(piece);
    } finally {
      await file.close();
    }
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/**
 * Takes a download of the server as it comes, to a file or to stdout. Broken off in the middle it fails, so that half of it is not
 * taken for the whole. @throws {CommandError}
 */
export async function download(cli: Cli, source: Source, output: string | undefined): Promise<void> {
  if (cli.isJson) throw usage('--json', 'An export has a format of its own; see its --help.');
  const isText = source.type.startsWith('text/') || source.type.includes('json');
  if (!isText && output === undefined && cli.terminal.io.stdout.isTTY === true)
    throw usage('--output', 'A workbook is nothing for a terminal; name a file.');
  const pieces = await ask(cli, source);
  if (output !== undefined) return save(pieces, output);
  for await (const piece of pieces) await cli.terminal.data(piece);
}
