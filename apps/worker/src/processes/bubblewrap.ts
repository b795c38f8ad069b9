import { join, relative } from 'node:path';

/** A folder of the machine that a command finds empty and of a size: memory in its place, thrown away at the end. */
export interface Scratch {
  folder: string;
  bytes: number;
}

export interface SandboxOptions {
  /** Folders replaced by empty ones: what the agent keeps for itself. */
  hidden: readonly string[];
  network: boolean;
  /** Whether files may be written where the agent's user may. If not: only in `writable`. */
  readOnly: boolean;
  writable: readonly string[];
  /** Size of a `/tmp` of its own, thrown away at the end; null: it sees the machine's. */
  privateTmpBytes: number | null;
  /** Holds `workFolder` and `temporaryFolder`; one that lies in a private `/tmp` is a part of it. */
  scratch?: Scratch;
  /** Descriptor on which the sandbox tells the process id of its init. */
  infoFd?: number;
  /** Descriptor from which the sandbox reads the filter of system calls. */
  filterFd?: number;
}

// In memory and not on the disk: without a size, a job could fill half of the machine's memory through each.
const SHARED_MEMORY_BYTES = 256 * 1_048_576;
/** Files of the kernel that obey root's user id even where it has no capability. */
const KERNEL_FILES = ['sys', 'sysrq-trigger', 'irq', 'bus', 'fs', 'scsi', 'acpi', 'mtrr'].map((name) => `/proc/${name}`);
/** What computes, and stores nothing: graphics cards and virtual machines. Disks and terminals are not among it. */
const DEVICES = ['/dev/dri', '/dev/kfd', '/dev/nvidia0', '/dev/nvidiactl', '/dev/nvidia-uvm', '/dev/kvm'];

export const workFolder = ({ folder }: Scratch): string => join(folder, 'work');
export const temporaryFolder = ({ folder }: Scratch): string => join(folder, 'tmp');

const memory = (path: string, bytes: number, mode: string): string[] => ['--size', String(bytes), '--perms', mode, '--tmpfs', path];

function scratchArguments({ scratch, privateTmpBytes }: SandboxOptions): string[] {
  if (scratch === undefined) return [];
  const isInTmp = privateTmpBytes !== null && !relative('/tmp', scratch.folder).startsWith('..');
  const folders = [workFolder(scratch), temporaryFolder(scratch)].flatMap((path) => ['--perms', '0700', '--dir', path]);
  return [...(isInTmp ? [] : memory(scratch.folder, scratch.bytes, '0700')), ...folders];
}

const readOnly = (path: string): string[] => ['--ro-bind-try', path, path];

/**
 * Arguments that put a command into its own user, process, IPC and mount namespaces, without capabilities: it sees no other
 * process, no disk or terminal, not the agent's environment nor its state, and everything it started ends with it, wherever it moved.
 * Files are those of the agent's user unless `readOnly` is set; the network is shared unless `network` is false.
 */
export function sandboxArguments(options: SandboxOptions): string[] {
  const devices = DEVICES.flatMap((path) => ['--dev-bind-try', path, path]);
  const root = options.readOnly ? ['--ro-bind', '/', '/'] : ['--bind', '/', '/', ...readOnly('/sys')];
  const shared = memory('/dev/shm', SHARED_MEMORY_BYTES, '1777');
  const tmp = options.privateTmpBytes === null ? [] : memory('/tmp', options.privateTmpBytes, '1777');
  const writable = options.readOnly ? options.writable.flatMap((path) => ['--bind', path, path]) : [];
  return [
    ['--unshare-user', '--unshare-pid', '--unshare-ipc', '--die-with-parent', '--cap-drop', 'ALL'],
    options.network ? [] : ['--unshare-net'],
    [...root, '--dev', '/dev', ...(options.readOnly ? [] : devices), '--remount-ro', '/dev', ...shared],
    [...tmp, ...scratchArguments(options), ...writable, '--proc', '/proc', ...KERNEL_FILES.flatMap(readOnly)],
    options.hidden.flatMap((path) => ['--tmpfs', path, '--remount-ro', path]),
    options.infoFd === undefined ? [] : ['--info-fd', String(options.infoFd)],
    options.filterFd === undefined ? [] : ['--seccomp', String(options.filterFd)],
  ].flat();
}
