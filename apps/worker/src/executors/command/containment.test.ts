import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { startJob } from '@tidemark/sdk/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plainContainment, sandboxedContainment, sandboxProblem, temporaryPath } from '../../testing/containment.ts';
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
    const sizes = await output({ command: 'df -B1 --output=size /tmp /dev/shm | tail -n 2', read_only: true, cwd: '/var' });
    expect(sizes.split('\n').map(Number)).toEqual([536_870_912, 268_435_456]);
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
