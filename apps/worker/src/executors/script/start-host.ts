import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { realpathSync } from 'node:fs';
import { type ContainedProcess, type Containment, startProcess } from '../../processes/contained-process.ts';
import type { HostMessage } from './isolate-host.ts';

const MAX_LINE_CHARS = 1_048_576;

/** The host may read its own source, the two libraries it needs, and the file by which one of them tells the C library. */
function hostArguments(): string[] {
  const host = realpathSync(fileURLToPath(new URL('./isolate-host.ts', import.meta.url)));
  const entry = realpathSync(createRequire(import.meta.url).resolve('isolated-vm'));
  const loader = realpathSync(dirname(createRequire(entry).resolve('node-gyp-build/package.json')));
  const packageFile = join(dirname(host), '../../../package.json');
  const readable = [host, packageFile, dirname(entry), join(dirname(entry), '../node-gyp-build'), loader, '/etc/alpine-release'];
  const flags = [
    '--permission',
    '--allow-addons',
    '--no-node-snapshot',
    '--disable-warning=SecurityWarning',
    '--disable-warning=ExperimentalWarning',
  ];
  return [...flags, ...readable.map((path) => `--allow-fs-read=${path}`), host, entry];
}

export async function startHost(containment: Containment, mode: 'run' | 'prove'): Promise<ContainedProcess> {
  const argv = [realpathSync(process.execPath), ...hostArguments(), mode];
  // Nobody reaches the network, writes a file or sees another process from here, even out of the isolate.
  const sandbox = { network: false, readOnly: true, writable: [], privateTmpBytes: null };
  return startProcess({ argv, env: {}, cwd: '/', containment, sandbox });
}

/** Messages in order. A line that is not one, or has no end, ends the reading: such a host is not to be trusted. */
export async function* readMessages(host: ContainedProcess): AsyncGenerator<HostMessage> {
  let rest = '';
  host.stdout.setEncoding('utf8');
  for await (const chunk of host.stdout) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line) as HostMessage;
    if (rest.length > MAX_LINE_CHARS) throw new Error('the script host sent a line without end');
  }
}
