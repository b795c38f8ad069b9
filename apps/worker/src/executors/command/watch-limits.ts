import { readFileSync, statfsSync } from 'node:fs';
import { measureFolder } from './measure-folder.ts';

const LOOK_MS = 250;

/** Watches a running command until it is called off. Calls `exceeded` once, with what to say of it. */
export type Watch = (exceeded: (error: string) => void) => () => void;

interface Watched {
  /** What the whole machine has of it, in one short read; 0 where the system does not tell. */
  readonly readMachine: () => number;
  /** What the command has of it. */
  readonly measure: () => Promise<number>;
  readonly limit: number;
  readonly error: string;
}

/** To measure a command costs too much to do it always: it is measured only while the machine has grown by that much. */
function watch({ readMachine, measure, limit, error }: Watched): Watch {
  return (exceeded) => {
    const before = readMachine();
    let isLooking = false;
    const look = async (): Promise<void> => {
      if (isLooking || readMachine() - before < limit) return;
      isLooking = true;
      const size = await measure().catch(() => 0);
      isLooking = false;
      if (size <= limit) return;
      clearInterval(timer);
      exceeded(error);
    };
    const timer = setInterval(() => void look(), LOOK_MS);
    return () => clearInterval(timer);
  };
}

function readTasksOfMachine(): number {
  try {
    return Number(/\/(\d+)/.exec(readFileSync('/proc/loadavg', 'latin1'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** Processes and threads. A limit of the kernel would not hold for root, and counts all that a user runs. */
export function watchTasks(limit: number, countTasks: () => Promise<number>): Watch {
  const error = `The command had more than ${limit} processes (payload.limits.processes).`;
  return watch({ readMachine: readTasksOfMachine, measure: countTasks, limit, error });
}

function readUsedBytes(folder: string): number {
  try {
    const { blocks, bfree, bsize } = statfsSync(folder);
    return (blocks - bfree) * bsize;
  } catch {
    return 0;
  }
}

/** By how much a folder on a disk grows, where the kernel keeps no account of it. What is written and deleted in between is not seen. */
export function watchFolder(folder: string, { limitMb, startBytes }: { limitMb: number; startBytes: number }): Watch {
  return watch({
    readMachine: () => readUsedBytes(folder),
    measure: async () => (await measureFolder(folder)) - startBytes,
    limit: limitMb * 1_048_576,
    error: `The command wrote more than ${limitMb} MB to its folder (payload.limits.disk_mb).`,
  });
}
