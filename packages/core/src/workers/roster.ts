import { notFound } from '../errors.ts';
import type { DatabaseHandle, Roster, WorkerCapabilities } from '../ports/index.ts';

/** What each worker can take, in memory; a change on any server makes the others forget it. */
export class WorkerRoster implements Roster {
  readonly #database: DatabaseHandle;
  readonly #known = new Map<string, Promise<WorkerCapabilities>>();

  constructor(database: DatabaseHandle) {
    this.#database = database;
  }

  get(workerId: string): Promise<WorkerCapabilities> {
    const known = this.#known.get(workerId);
    if (known !== undefined) return known;
    const reading = this.#read(workerId);
    this.#known.set(workerId, reading);
    reading.catch(() => this.#known.delete(workerId));
    return reading;
  }

  forget(workerId: string | '*'): void {
    if (workerId === '*') this.#known.clear();
    else this.#known.delete(workerId);
  }

  async #read(workerId: string): Promise<WorkerCapabilities> {
    const row = await this.#database.db.selectFrom('worker').selectAll().where('id', '=', workerId).executeTakeFirst();
    if (row === undefined) throw notFound('worker', workerId);
    return {
      id: row.id,
      name: row.name,
      worker_type: row.worker_type,
      isolations: row.isolations,
      kinds: row.kinds,
      queues: row.queues,
      labels: row.labels,
      key_family: row.key_family,
      is_accepting: !row.draining && !row.drain_requested && !row.quarantined && row.stopped_at === null,
    };
  }
}
