import { readFileSync } from 'node:fs';

const LOOK_MS = 250;

/** Tasks of the whole machine, in one short read; 0 where the system does not tell. */
function readTasksOfMachine(): number {
  try {
    return Number(/\/(\d+)/.exec(readFileSync('/proc/loadavg', 'latin1'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/**
 * Calls `exceeded` once when the run has more tasks than it may. A limit of the kernel would not hold for root, and counts
 * all that a user runs; looking at every process would cost too much: the run is looked at only while the machine has grown by that much.
 */
export function watchTasks(limit: number, countTasks: () => Promise<number>, exceeded: () => void): () => void {
  const before = readTasksOfMachine();
  let isLooking = false;
  const look = async (): Promise<void> => {
    if (isLooking || readTasksOfMachine() - before < limit) return;
    isLooking = true;
    const count = await countTasks().catch(() => 0);
    isLooking = false;
    if (count <= limit) return;
    clearInterval(timer);
    exceeded();
  };
  const timer = setInterval(() => void look(), LOOK_MS);
  return () => clearInterval(timer);
}
