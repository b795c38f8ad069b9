import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** In the environment of everything a run starts, so that what moved to another session or lost its parent is still found. */
export const RUN_MARK = 'TIDEMARK_RUN';
const POLL_MS = 40;
const KILL_ROUNDS = 100;

interface ProcessEntry {
  pid: number;
  parent: number;
  group: number;
  session: number;
  threads: number;
  isZombie: boolean;
}

/** The processes of one run: `pid` leads them. `spare` are those that only hold the others (a sandbox and its init). */
export interface Tree {
  pid: number;
  mark: string;
  spare?: readonly number[];
}

async function readEntry(pid: number): Promise<ProcessEntry | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  // The name, in brackets, may hold anything: what follows the last bracket is safe to split.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields.length < 18) return null;
  const [parent = 0, group = 0, session = 0] = fields.slice(1, 4).map(Number);
  return { pid, parent, group, session, threads: Number(fields[17]), isZombie: fields[0] === 'Z' };
}

async function listEntries(): Promise<ProcessEntry[]> {
  const names = await readdir('/proc').catch(() => []);
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const entries = await Promise.all(pids.map(readEntry));
  return entries.filter((entry) => entry !== null);
}

async function carriesMark(pid: number, mark: string): Promise<boolean> {
  const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
  return environment.split('\0').some((entry) => entry.startsWith(`${RUN_MARK}=${mark}`));
}

/** Every live process of the run: descendants, members of its sessions and groups, and carriers of its mark. */
export async function listMembers(tree: Tree): Promise<number[]> {
  return (await readMembers(tree)).map(({ pid }) => pid);
}

/** Processes of the run, each with its threads. */
export async function countTasks(tree: Tree): Promise<number> {
  return (await readMembers(tree)).reduce((sum, { threads }) => sum + threads, 0);
}

async function readMembers(tree: Tree): Promise<ProcessEntry[]> {
  const entries = (await listEntries()).filter((entry) => !entry.isZombie && entry.pid !== process.pid);
  const members = new Set<number>([tree.pid]);
  for (let before = 0; before !== members.size;) {
    before = members.size;
    for (const entry of entries) {
      if (members.has(entry.parent) || members.has(entry.group) || members.has(entry.session)) members.add(entry.pid);
    }
  }
  const strangers = entries.filter((entry) => !members.has(entry.pid));
  const marked = await Promise.all(strangers.map((entry) => carriesMark(entry.pid, tree.mark)));
  strangers.forEach((entry, at) => marked[at] === true && members.add(entry.pid));
  return entries.filter(({ pid }) => members.has(pid) && tree.spare?.includes(pid) !== true);
}

export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // Gone already, or (ESRCH's sibling EPERM) it changed its user: nothing more can be done from here.
    if (!(error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'EPERM'))) throw error;
  }
}

async function signalTree(tree: Tree, signal: NodeJS.Signals): Promise<number> {
  const members = await listMembers(tree);
  for (const pid of members) signalProcess(pid, signal);
  return members.length;
}

/** Kills until nothing is left, whole groups at once: a member may start others faster than they can be looked at. */
export async function killTree(tree: Tree): Promise<void> {
  const own = (await readEntry(process.pid))?.group;
  for (let round = 0; round < KILL_ROUNDS; round += 1) {
    const members = await readMembers(tree);
    if (members.length === 0) return;
    const groups = new Set(members.map(({ group }) => group));
    for (const group of groups) if (group > 1 && group !== own) signalProcess(-group, 'SIGKILL');
    for (const { pid } of members) signalProcess(pid, 'SIGKILL');
    await delay(POLL_MS / 4);
  }
}

/** Asks every member to end, waits up to `graceMs`, then kills what is left. */
export async function stopTree(tree: Tree, graceMs: number): Promise<void> {
  const deadline = performance.now() + graceMs;
  if (graceMs > 0) {
    let left = await signalTree(tree, 'SIGTERM');
    while (left > 0 && performance.now() < deadline) {
      await delay(POLL_MS);
      left = (await listMembers(tree)).length;
    }
  }
  await killTree(tree);
}

/** Kills what an earlier life of this agent left running; every mark it gave out starts with `mark`. Tells how many. */
export async function killLeftovers(mark: string): Promise<number> {
  const killed = new Set<number>();
  for (let round = 0; round < KILL_ROUNDS; round += 1) {
    const others = (await listEntries()).filter((entry) => !entry.isZombie && entry.pid !== process.pid);
    const marked = await Promise.all(others.map((entry) => carriesMark(entry.pid, mark)));
    const left = others.filter((_, at) => marked[at]);
    if (left.length === 0) break;
    for (const { pid } of left) {
      killed.add(pid);
      signalProcess(pid, 'SIGKILL');
    }
    await delay(POLL_MS / 4);
  }
  return killed.size;
}
