import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Exit, startProcess } from './contained-process.ts';
import { temporaryFolder } from './bubblewrap.ts';
import { listMembers } from './process-tree.ts';
import { systemCallFilter } from './system-call-filter.ts';

const DEADLINE_MS = 10_000;

/** Size of the work folder that is filled, and a little more than it: what a job may write is bounded by the same means. */
const SCRATCH_BYTES = 1_048_576;
const FILL = `head -c ${2 * SCRATCH_BYTES} /dev/zero`;

/** Each line is a promise; the first that does not hold ends the script. $1 hidden folder, $2 agent, $3 shared folder, $4 filter state. */
const PROOF_SCRIPT = `
set -e
say() { echo "$1" >&2; exit 1; }
test ! -e "$1/secret" || say 'a hidden folder is seen'
! touch "$1/file" 2>/dev/null || say 'a hidden folder can be written'
test ! -e "/proc/$2/environ" || test "$(tr '\\0' '\\n' < "/proc/$2/environ" | grep -c TIDEMARK_RUN=)" = 1 || say 'the agent is seen'
test "$(ls -d /proc/[0-9]* | wc -l)" -lt 8 || say 'other processes are seen'
for file in /proc/sys/kernel/core_pattern /proc/sysrq-trigger /sys/kernel/uevent_helper; do
  test ! -w "$file" || say "$file can be written"
done
test -z "$(find /dev -type b 2>/dev/null)" || say 'disks are seen'
grep -q '^CapEff:[[:space:]]*0*$' /proc/self/status || say 'capabilities are left'
grep -q '^NoNewPrivs:[[:space:]]*1$' /proc/self/status || say 'privileges can be gained'
grep -q "^Seccomp:[[:space:]]*$4$" /proc/self/status || say 'system calls are not filtered'
echo written > "$3/file" || say 'nothing can be written'
! ${FILL} > "$TMPDIR/fill" 2>/dev/null || say 'the work folder has no bound'
test "$(wc -c < "$TMPDIR/fill")" -le ${SCRATCH_BYTES} || say 'the work folder grows beyond its bound'
! ${FILL} > fill 2>/dev/null || say 'the work folder and the temporary one have bounds apart'
sleep 600 & echo proven
`;
const OFFLINE_SCRIPT = 'test "$(tail -n +3 /proc/net/dev | wc -l)" -le 1 && ! touch "$1/file" 2>/dev/null && echo proven';

interface Trial {
  program: string;
  script: string;
  args: readonly string[];
  hidden: readonly string[];
  isOpen: boolean;
  /** Folder of the machine in whose place it finds a small one. */
  workFolder: string;
}

/** Null when the script said so and nothing it started is left. */
async function tryOut({ program, script, args, hidden, isOpen, workFolder }: Trial): Promise<string | null> {
  const containment = { program, hidden, mark: `proof-${randomUUID()}.` };
  const argv = ['/bin/sh', '-c', script, 'sh', ...args];
  const scratch = { folder: workFolder, bytes: SCRATCH_BYTES };
  const sandbox = { network: isOpen, readOnly: !isOpen, writable: [], privateTmpBytes: null, scratch };
  const env = { PATH: process.env['PATH'] ?? '', TMPDIR: temporaryFolder(scratch) };
  const started = await startProcess({ argv, env, cwd: workFolder, containment, sandbox });
  const deadline = setTimeout(() => void started.stop(0), DEADLINE_MS);
  started.stdin.end();
  const [said, exit] = await Promise.all([text(started.stdout).catch(() => ''), started.ended]);
  clearTimeout(deadline);
  const left = await listMembers({ pid: -1, mark: containment.mark });
  await started.stop(0);
  if (said.trim() !== 'proven') return describe(exit);
  return left.length === 0 ? null : 'what a command started outlives it';
}

function describe({ diagnostics, exit_code }: Exit): string {
  const [line = ''] = diagnostics.split('\n');
  return line === '' ? `the self-test ended with ${exit_code}` : line;
}

/** Null when a command really is contained as promised; else why not. Nothing is taken from a version number. */
export async function findSandboxProblem(program: string): Promise<string | null> {
  if (process.platform !== 'linux') return 'bubblewrap exists on Linux only';
  const hidden = await mkdtemp(join(tmpdir(), 'tidemark-hidden-'));
  const shared = await mkdtemp(join(tmpdir(), 'tidemark-proof-'));
  const workFolder = await mkdtemp(join(tmpdir(), 'tidemark-work-'));
  const filterState = systemCallFilter(process.arch) === null ? '0' : '2';
  try {
    await writeFile(join(hidden, 'secret'), 'secret');
    const args = [hidden, String(process.pid), shared, filterState];
    const open = await tryOut({ program, script: PROOF_SCRIPT, args, hidden: [hidden], isOpen: true, workFolder });
    return open ?? (await tryOut({ program, script: OFFLINE_SCRIPT, args: [shared], hidden: [], isOpen: false, workFolder }));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await Promise.all([hidden, shared, workFolder].map((path) => rm(path, { recursive: true, force: true })));
  }
}
