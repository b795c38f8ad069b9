import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface SandboxOptions {
  /** Folders replaced by empty ones: what the agent keeps for itself. */
  hidden: readonly string[];
  network: boolean;
  /** Whether files may be written where the agent's user may. If not: only in `writable`. */
  readOnly: boolean;
  writable: readonly string[];
  /** A `/tmp` of its own, thrown away at the end. */
  privateTmp: boolean;
  /** Descriptor on which the sandbox tells the process id of its init. */
  infoFd?: number;
}

/**
 * Arguments that put a command into its own user, process, IPC and mount namespaces, without capabilities: it sees no other
 * process, not the agent's environment nor its state, and everything it started ends with it, wherever it moved.
 * Files are those of the agent's user unless `readOnly` is set; the network is shared unless `network` is false.
 */
export function sandboxArguments(options: SandboxOptions): string[] {
  const root = options.readOnly ? ['--ro-bind', '/', '/', '--dev', '/dev'] : ['--dev-bind', '/', '/'];
  const tmp = options.privateTmp ? ['--tmpfs', '/tmp'] : [];
  const writable = options.readOnly ? options.writable.flatMap((path) => ['--bind', path, path]) : [];
  return [
    ['--unshare-user', '--unshare-pid', '--unshare-ipc', '--die-with-parent', '--cap-drop', 'ALL'],
    options.network ? [] : ['--unshare-net'],
    [...root, ...tmp, ...writable, '--proc', '/proc'],
    options.hidden.flatMap((path) => ['--tmpfs', path]),
    options.infoFd === undefined ? [] : ['--info-fd', String(options.infoFd)],
  ].flat();
}

const PROOF_SCRIPT = `
set -e
test ! -e "$1/secret"
test ! -e "/proc/$2/environ" || ! grep -q TIDEMARK_PROOF "/proc/$2/environ"
echo written > "$3/file"
test "$(ls -d /proc/[0-9]* | wc -l)" -lt 8
sleep 600 & echo proven
`;

/** Null when a command really is contained as promised above; else why not. Nothing is taken from a version number. */
export async function findSandboxProblem(program: string): Promise<string | null> {
  if (process.platform !== 'linux') return 'bubblewrap exists on Linux only';
  const hidden = await mkdtemp(join(tmpdir(), 'tidemark-hidden-'));
  const scratch = await mkdtemp(join(tmpdir(), 'tidemark-proof-'));
  try {
    await writeFile(join(hidden, 'secret'), 'secret');
    const options = { hidden: [hidden], network: true, readOnly: false, writable: [], privateTmp: false };
    const script = ['/bin/sh', '-c', PROOF_SCRIPT, 'sh', hidden, String(process.pid), scratch];
    // The sleep it leaves behind would hold the pipe open for ever if the namespace did not end with its command.
    const { stdout } = await run(program, [...sandboxArguments(options), '--', ...script], {
      timeout: 10_000,
      env: { PATH: process.env['PATH'] ?? '' },
    });
    const offline = ['/bin/sh', '-c', 'test "$(tail -n +3 /proc/net/dev | wc -l)" -le 1'];
    await run(program, [...sandboxArguments({ ...options, network: false }), '--', ...offline], { timeout: 10_000 });
    return stdout.trim() === 'proven' ? null : 'the self-test did not finish';
  } catch (error) {
    return error instanceof Error ? error.message.split('\n').slice(0, 2).join(' ') : String(error);
  } finally {
    await Promise.all([hidden, scratch].map((path) => rm(path, { recursive: true, force: true })));
  }
}
