import { execFile } from 'node:child_process';
import { mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Outcome } from '@tidemark/sdk/agent';
import { startJob } from '@tidemark/sdk/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plainContainment, sandboxedContainment, sandboxProblem, temporaryPath } from '../../testing/containment.ts';
import type { Containment } from '../../processes/contained-process.ts';
import { listMembers } from '../../processes/process-tree.ts';
import { createCommandExecutor } from './run-command.ts';

const folder = temporaryPath('containment');
beforeAll(() => mkdir(folder));
afterAll(() => rm(folder, { recursive: true, force: true }));

async function output(payload: Record<string, unknown>, hidden: readonly string[] = []): Promise<string> {
  const outcome = await startJob(createCommandExecutor(sandboxedContainment(hidden)), payload).outcome;
  expect(outcome.op, JSON.stringify(outcome)).toBe('complete');
  return (outcome.output ?? '').trim();
}

// Bounded, so that a fault in what is tested is no fault of the whole machine.
const MULTIPLY = 'at=0; while [ $at -lt 1500 ]; do sleep 600 & at=$((at + 1)); done; sleep 600';

describe.skipIf(sandboxProblem !== null)('out of the sandbox, a command', () => {
  test.each([
    ['a setting of the kernel', 'echo x > /proc/sys/kernel/core_pattern'],
    ['a setting of its memory', 'echo 60 > /proc/sys/vm/swappiness'],
    ['a device of the kernel', 'echo x > /sys/kernel/uevent_helper'],
    ['a control group', 'mkdir /sys/fs/cgroup/tidemark-escape || mkdir /sys/fs/cgroup/pids/tidemark-escape'],
    ['the list of devices', 'touch /dev/escape'],
  ])('cannot write %s, whatever it may read', async (_name, attempt) => {
    for (const read_only of [false, true]) {
      expect(await output({ command: `(${attempt}) 2>/dev/null && echo written || echo refused`, read_only })).toBe('refused');
    }
  });

  test.each([
    ['mount', 'mount -t tmpfs none /mnt'],
    ['make a disk', `mknod ${folder}/disk b 7 0`],
    ['change its root', 'chroot / true'],
    ['become root of a namespace of its own', 'unshare --user true'],
    ['take another name for the machine', 'hostname escape'],
  ])('cannot %s', async (_name, attempt) => {
    expect(await output({ command: `(${attempt}) 2>/dev/null && echo done || echo refused` })).toBe('refused');
  });

  test('finds no disk and no terminal, and cannot gain a privilege', async () => {
    const found = await output({ command: 'find /dev -type b; find /dev/pts -type c ! -name ptmx; ls /dev | grep -c tty[0-9]; true' });
    expect(found).toBe('0');
    const status = await output({ command: 'grep -E "^(Cap(Eff|Prm|Bnd|Amb)|NoNewPrivs):" /proc/self/status' });
    expect(status.split('\n').map((line) => line.split(/\s+/)[1])).toEqual([...Array<string>(4).fill('0'.repeat(16)), '1']);
  });

  // Numbers of the calls on each machine; what else would be said without the filter differs from "not permitted".
  test.runIf(process.arch === 'x64' || process.arch === 'arm64')('is refused the calls of the kernel that no job needs', async () => {
    const isX64 = process.arch === 'x64';
    const calls = isX64
      ? {
          trace: '101, 0, 0, 0, 0',
          read_memory: '310, $$, 0, 0, 0, 0, 0',
          keyring: '250, 0, -3, 0',
          program: '321, 99, 0, 0',
          ring: '425, 1, 0',
        }
      : {
          trace: '117, 0, 0, 0, 0',
          read_memory: '270, $$, 0, 0, 0, 0, 0',
          keyring: '219, 0, -3, 0',
          program: '280, 99, 0, 0',
          ring: '425, 1, 0',
        };
    const lines = Object.entries(calls).map(([name, args]) => `$! = 0; syscall(${args}); print "${name} ", $! + 0, "\\n";`);
    const typing = 'my $letter = "x"; $! = 0; ioctl(STDIN, 0x5412, $letter); print "typing ", $! + 0, "\\n";';
    const newer = '$! = 0; syscall(435, 0, 0); print "clone3 ", $! + 0, "\\n";';
    const said = await output({ command: ['perl', '-e', [...lines, typing, newer].join('\n')] });
    expect(said.split('\n')).toEqual([...Object.keys(calls), 'typing'].map((name) => `${name} 1`).concat('clone3 38'));
  });

  test('sees neither the environment nor the memory, descriptors and state of the agent', async () => {
    const state = join(folder, 'state');
    await mkdir(state);
    await writeFile(join(state, 'worker-key'), 'key-of-the-agent');
    process.env['TIDEMARK_TEST_KEY'] = 'key-of-the-agent';
    const script = `
      cat /proc/[0-9]*/environ ${state}/* 2>/dev/null | grep -ac key-of-the-agent
      ls -l /proc/[0-9]*/fd /proc/[0-9]*/cwd | grep -c state
      readlink /proc/[0-9]*/exe | grep -c node
      kill -0 ${process.pid} 2>/dev/null && echo signalled
      test "$(readlink /proc/1/root)" = / || echo "another root"
      echo replaced 2>/dev/null > ${state}/worker-key || echo refused`;
    const held = await open(join(state, 'worker-key'));
    expect(await output({ command: script }, [state])).toBe(['0', '0', '0', 'refused'].join('\n'));
    await held.close();
    delete process.env['TIDEMARK_TEST_KEY'];
    expect(await readFile(join(state, 'worker-key'), 'utf8')).toBe('key-of-the-agent');
  });

  test('that signals everybody reaches only itself', async () => {
    const command = `sleep 600 & kill -9 -1; kill -9 ${process.pid} 2>/dev/null || echo alone; wait $! 2>/dev/null; echo $?`;
    // The shell may say that its child was killed, or not.
    expect((await output({ command })).replace('Killed\n', '')).toBe('alone\n137');
  });

  test('without network reaches no server of this machine', async () => {
    let arrived = 0;
    const canary = createServer((socket) => {
      arrived += 1;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => canary.once('listening', resolve));
    const { port } = canary.address() as AddressInfo;
    const dial = `use IO::Socket::INET; print IO::Socket::INET->new("127.0.0.1:${port}") ? "reached" : "refused"`;
    expect(await output({ command: ['perl', '-e', dial] })).toBe('reached');
    expect(await output({ command: ['perl', '-e', dial], network: false })).toBe('refused');
    canary.close();
    expect(arrived).toBe(1);
  });

  test('cannot leave its read-only world by links, mounts or names', async () => {
    const [cwd, outside] = [join(folder, 'cwd'), join(folder, 'outside')];
    await mkdir(cwd);
    await writeFile(outside, 'as it was');
    const script = `
      ln -s ${outside} link && echo x >> link
      ln ${outside} hard && echo x >> hard
      echo x >> ../outside
      echo x >> /proc/self/root${outside}
      echo x >> /proc/1/root${outside}
      rm -f ${outside}; mv ${outside} moved; chmod 777 ${outside}
      true`;
    await output({ command: script, cwd, read_only: true });
    expect(await readFile(outside, 'utf8')).toBe('as it was');
  });

  test('finds memory posing as a disk only up to a size', async () => {
    const command = 'df -B1 --output=size . "$TMPDIR" /tmp /dev/shm | tail -n 4';
    const sizes = await output({ command, read_only: true, limits: { disk_mb: 3 } });
    expect(sizes.split('\n').map(Number)).toEqual([3_145_728, 3_145_728, 3_145_728, 268_435_456]);
    expect(await output({ command: 'df -B1 --output=size . | tail -n 1' })).toBe('1073741824');
  });

  test.each([
    ['its work folder', 'head -c 8388608 /dev/zero > big'],
    ['many files', 'for at in 1 2 3 4 5 6 7 8; do head -c 1048576 /dev/zero > "$at" || exit 1; done'],
    ['its temporary folder', 'head -c 8388608 /dev/zero > "$TMPDIR/big"'],
    ['both', 'head -c 3145728 /dev/zero > "$TMPDIR/half"; head -c 3145728 /dev/zero > half'],
    ['a file that it deleted', 'exec 3> big; rm big; head -c 8388608 /dev/zero >&3'],
  ])('that fills %s finds the disk full, and is told why, while its neighbour goes on', async (_name, command) => {
    const executor = createCommandExecutor(sandboxedContainment());
    for (const read_only of [false, true]) {
      const neighbour = startJob(executor, { command: 'read go; head -c 1048576 /dev/zero > file; wc -c < file', stdin: 'go\n' }).outcome;
      const outcome = await startJob(executor, { command, read_only, limits: { disk_mb: 4 } }).outcome;
      expect(outcome).toMatchObject({ op: 'fail', retryable: true, output: expect.stringContaining('No space left on device') });
      expect(outcome.op === 'fail' && outcome.error).toMatch(
        /exited with code 1; its work folder .* at most 4 MB \(payload\.limits\.disk_mb\)/,
      );
      expect(await neighbour).toMatchObject({ op: 'complete', output: '1048576\n' });
    }
  });

  test('that may write nowhere else can fill nothing of the disk', async () => {
    const places = `/ /etc /usr /var /var/tmp /opt /home ${folder} ${tmpdir()}/.. "$HOME" /proc /sys /dev /run`;
    const command = `for place in ${places}; do head -c 4096 /dev/zero > "$place/fill" && echo "$place"; done 2>/dev/null; echo tried`;
    expect(await output({ command, read_only: true })).toBe('tried');
  });

  test('leaves nothing of its work folder behind', async () => {
    const containment = sandboxedContainment();
    const outcome = await startJob(createCommandExecutor(containment), { command: 'head -c 1048576 /dev/zero > file; pwd' }).outcome;
    expect(outcome.output).toContain(containment.mark);
    expect((await readdir(tmpdir())).filter((name) => name.includes(containment.mark))).toEqual([]);
  });

  test('runs out of descriptors before the machine does', async () => {
    const script = 'my @all; while (open(my $file, "<", "/dev/null")) { push @all, $file } print scalar @all';
    expect(Number(await output({ command: ['perl', '-e', script], limits: { open_files: 64 } }))).toBeLessThanOrEqual(61);
  });
});

describe.each([
  ['the sandbox', sandboxedContainment],
  ['a plain child', plainContainment],
])('in %s, a command that multiplies', (mode, contain) => {
  test.skipIf(mode === 'the sandbox' && sandboxProblem !== null)('is stopped with all its processes', async () => {
    const containment = contain();
    const outcome = await startJob(createCommandExecutor(containment), { command: MULTIPLY, limits: { processes: 100 } }).outcome;
    // Ended by the agent, or by itself where the kernel had already refused it more.
    expect(outcome).toMatchObject({ op: 'fail', error: expect.stringMatching(/more than 100 processes|exited with code \d+/) });
    expect(await listMembers({ pid: -1, mark: containment.mark })).toEqual([]);
  });

  test.skipIf(mode === 'the sandbox' && sandboxProblem !== null)('is left alone while it keeps to its limit', async () => {
    const command = 'for i in 1 2 3 4 5 6 7 8; do sleep 0.4 & done; wait; echo all';
    const outcome = await startJob(createCommandExecutor(contain()), { command, limits: { processes: 60 } }).outcome;
    expect(outcome).toMatchObject({ op: 'complete', output: 'all\n' });
  });
});

// Bounded by itself, so that a limit that does not hold fills no disk; it waits to be stopped.
const WRITE = 'for at in 1 2 3 4 5 6 7 8; do head -c 2097152 /dev/zero > "$at"; done; sleep 600';

describe('a command that writes to a disk more than it may', () => {
  const writing = async (containment: Containment, payload: object): Promise<Outcome> =>
    startJob(createCommandExecutor(containment), { command: WRITE, limits: { disk_mb: 4 }, ...payload }).outcome;
  const stopped = { op: 'fail', retryable: false, error: 'The command wrote more than 4 MB to its folder (payload.limits.disk_mb).' };

  test('is stopped in a work folder where there is no sandbox', async () => {
    const containment = plainContainment();
    expect(await writing(containment, {})).toMatchObject(stopped);
    expect(await listMembers({ pid: -1, mark: containment.mark })).toEqual([]);
  });

  test('is stopped in a folder that the payload names, which may have held more before', async () => {
    const cwd = join(folder, 'named');
    await mkdir(join(cwd, 'before'), { recursive: true });
    await writeFile(join(cwd, 'before', 'kept'), Buffer.alloc(8 * 1_048_576));
    const contain = sandboxProblem === null ? sandboxedContainment : plainContainment;
    const small = await startJob(createCommandExecutor(contain()), { command: 'echo more > file', cwd, limits: { disk_mb: 4 } }).outcome;
    expect(small).toMatchObject({ op: 'complete' });
    expect(await writing(contain(), { cwd })).toMatchObject(stopped);
    expect(await readFile(join(cwd, 'file'), 'utf8')).toBe('more\n');
  });

  test('is ended at once by a single file', async () => {
    const command = 'head -c 16777216 /dev/zero > big';
    const executor = createCommandExecutor(plainContainment());
    const outcome = await startJob(executor, { command: ['/bin/sh', '-c', command], limits: { disk_mb: 4 } }).outcome;
    expect(outcome).toMatchObject({ op: 'fail', error: 'The command was ended by SIGXFSZ: a file grew beyond payload.limits' });
  });
});

test('a command that asks for more than its worker gives is refused with a sentence that names both', async () => {
  const ask = (disk_mb?: number): Promise<Outcome> =>
    startJob(createCommandExecutor(plainContainment(), 64), { command: ['true'], limits: disk_mb === undefined ? {} : { disk_mb } })
      .outcome;
  const error = 'The payload asks for 65 MB to store (limits.disk_mb); this worker gives a command at most 64.';
  expect(await ask(65)).toEqual({ op: 'fail', retryable: false, error });
  expect([(await ask(64)).op, (await ask()).op]).toEqual(['complete', 'complete']);
});

const NOBODY = '65534';
const AGENT = fileURLToPath(new URL('../../testing/agent-of-a-user.ts', import.meta.url));
/** How an ordinary user is had: by leaving root, or by being one. */
const become = process.getuid?.() === 0 ? ['setpriv', '--reuid', NOBODY, '--regid', NOBODY, '--clear-groups'] : [];
const runs = (argv: readonly string[]): Promise<{ stdout: string }> => promisify(execFile)(argv[0] ?? '', argv.slice(1), { cwd: '/' });
const canBecome = await runs([...become, 'test', '-r', AGENT]).then(
  () => true,
  () => false,
);

test.runIf(canBecome)('of an ordinary user, the kernel starts no more processes than twice what the job may have', async (context) => {
  const { stdout } = await runs([...become, process.execPath, AGENT]);
  const { problem, limit, said } = JSON.parse(stdout) as { problem: string | null; limit: number; said: string };
  if (problem !== null) context.skip(problem);
  const [most, refusedAfter] = said.split(' ').map(Number);
  expect(most).toBe(2 * limit);
  expect(refusedAfter).toBeGreaterThan(limit / 2);
  expect(refusedAfter).toBeLessThan(2 * limit);
});
