import { mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Where control groups that count processes may be: of the second version, and of the first. */
const ROOTS = ['/sys/fs/cgroup', '/sys/fs/cgroup/pids'];
const PREFIX = 'tidemark-';
const LEAVE_ROUNDS = 20;
const LEAVE_MS = 50;

/** A group of processes that the kernel lets grow to a limit and no further: for root too, whom no other limit binds. */
export interface TaskGroup {
  /** File by which a process that writes `0` to it joins, with all it starts. */
  readonly door: string;
  /** Waits a moment for the last process to leave. */
  remove(): Promise<void>;
}

let usable: string | null | undefined;

function makeGroup(root: string, name: string, limit: number): string | null {
  const folder = join(root, name);
  try {
    mkdirSync(folder);
  } catch {
    return null;
  }
  try {
    // In a folder that is none of the kernel's there is no such file, and none may be made.
    writeFileSync(join(folder, 'pids.max'), String(limit), { flag: 'r+' });
    return folder;
  } catch {
    removeGroup(folder);
    return null;
  }
}

function removeGroup(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch {
    // Somebody is still in it, or it is gone.
    return false;
  }
}

async function leaveGroup(folder: string): Promise<void> {
  for (let round = 0; round < LEAVE_ROUNDS && !removeGroup(folder); round += 1) await delay(LEAVE_MS);
}

function findRoot(mark: string): string | null {
  for (const root of ROOTS) {
    const folder = makeGroup(root, `${PREFIX}${mark}proof`, 8);
    if (folder === null) continue;
    removeGroup(folder);
    return root;
  }
  return null;
}

/** Null where this agent may not make groups; what it may is found out once. */
export function createTaskGroup(mark: string, limit: number): TaskGroup | null {
  usable ??= findRoot(mark);
  const folder = usable === null ? null : makeGroup(usable, `${PREFIX}${mark}`, limit);
  return folder === null ? null : { door: join(folder, 'cgroup.procs'), remove: () => leaveGroup(folder) };
}

/** Removes the empty groups of an earlier life of this agent. */
export function removeTaskGroups(mark: string): void {
  for (const root of ROOTS) {
    let names: string[] = [];
    try {
      names = readdirSync(root).filter((name) => name.startsWith(`${PREFIX}${mark}`));
    } catch {
      // No such kind of groups here.
    }
    for (const name of names) removeGroup(join(root, name));
  }
}
