import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, realpath, rename, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import type { ReportItem } from '@tidemark/core/jobs/contract';

/** How a job ended, as it is told to the server. */
export type OutcomeItem = Extract<ReportItem, { op: 'complete' | 'fail' | 'release' }>;

export class StateDirTaken extends Error {
  override readonly name = 'StateDirTaken';
  constructor(path: string) {
    super(`Another worker uses the state folder ${path}. Give this one its own (--state-dir, or stateDir in a script).`);
  }
}

interface Identity {
  worker_id: string;
  mark: string;
}

/** The agent names itself: killed before the answer to its registration, it comes back as the same worker. */
function newWorkerId(): string {
  return `wk_${Date.now().toString(36).padStart(9, '0')}${randomUUID().replaceAll('-', '').slice(0, 13)}`;
}

/** What an agent keeps on disk: who it is, and outcomes the server has not confirmed yet. One process at a time. */
export class StateDir {
  readonly path: string;
  readonly mark: string;
  readonly #lock: Server | null;
  #workerId: string;

  private constructor(path: string, identity: Identity, lock: Server | null) {
    this.path = path;
    this.mark = identity.mark;
    this.#workerId = identity.worker_id;
    this.#lock = lock;
  }

  /** `workerId` is who a new folder is for. @throws {StateDirTaken} when another live process holds it. */
  static async open(path: string, workerId?: string): Promise<StateDir> {
    await mkdir(join(path, 'outcomes'), { recursive: true, mode: 0o700 });
    const real = await realpath(path);
    const lock = await takeLock(real);
    const text = await readFile(join(real, 'worker.json'), 'utf8').catch(() => '{}');
    const stored = JSON.parse(text) as Partial<Identity>;
    const identity = { mark: `${randomUUID()}.`, worker_id: workerId ?? newWorkerId(), ...stored };
    const state = new StateDir(real, identity, lock);
    if (stored.mark === undefined || stored.worker_id === undefined) await state.#saveIdentity();
    return state;
  }

  get workerId(): string {
    return this.#workerId;
  }

  async keepWorkerId(workerId: string): Promise<void> {
    if (this.#workerId === workerId) return;
    this.#workerId = workerId;
    await this.#saveIdentity();
  }

  /** On disk, and flushed to it, when this resolves. */
  async keepOutcome(item: OutcomeItem): Promise<void> {
    await writeDurably(join(this.path, 'outcomes'), outcomeName(item), JSON.stringify(item));
  }

  async dropOutcome(item: OutcomeItem): Promise<void> {
    await rm(join(this.path, 'outcomes', outcomeName(item)), { force: true });
  }

  /** Outcomes an earlier life could not report; what a crash left half written is no outcome. */
  async listOutcomes(): Promise<OutcomeItem[]> {
    const folder = join(this.path, 'outcomes');
    const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
    return Promise.all(names.map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8')) as OutcomeItem));
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => (this.#lock ? this.#lock.close(() => resolve()) : resolve()));
  }

  async #saveIdentity(): Promise<void> {
    const identity: Identity = { mark: this.mark, worker_id: this.#workerId };
    await writeDurably(this.path, 'worker.json', JSON.stringify(identity));
  }
}

const outcomeName = (item: OutcomeItem): string => `${item.job_id}.${item.lease_epoch}.json`;

async function writeDurably(folder: string, name: string, text: string): Promise<void> {
  const temporary = join(folder, `${name}.new`);
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, join(folder, name));
  const directory = await open(folder, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** A socket in the kernel's abstract name space: refused while its holder lives, even stopped, and gone with it on kill -9. */
async function takeLock(path: string): Promise<Server | null> {
  if (process.platform !== 'linux') return null;
  const name = createHash('sha256').update(path).digest('hex').slice(0, 32);
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(error.code === 'EADDRINUSE' ? new StateDirTaken(path) : error));
    server.listen(`\0tidemark-worker-${name}`, resolve);
  });
  server.unref();
  return server;
}
