import type { DatabaseHandle, Lane, LaneKey, Lanes } from '../ports/index.ts';

function requiredKey(labels: Readonly<Record<string, string>>): string {
  const names = Object.keys(labels).sort();
  return names.length === 0 ? '' : JSON.stringify(names.map((name) => [name, labels[name]]));
}

function keyOf(lane: LaneKey): string {
  return `${lane.queue}\n${lane.kind}\n${lane.isolation}\n${requiredKey(lane.required_labels)}`;
}

/** The lanes in memory, read once and extended as they appear. */
export class LaneDirectory implements Lanes {
  readonly #database: DatabaseHandle;
  readonly #byId = new Map<number, Lane>();
  readonly #byKey = new Map<string, Lane>();
  readonly #making = new Map<string, Promise<Lane>>();
  #version = 0;

  constructor(database: DatabaseHandle) {
    this.#database = database;
  }

  get version(): number {
    return this.#version;
  }

  all(): readonly Lane[] {
    return [...this.#byId.values()];
  }

  ensure(key: LaneKey): Promise<Lane> {
    const text = keyOf(key);
    const known = this.#byKey.get(text);
    if (known !== undefined) return Promise.resolve(known);
    const pending = this.#making.get(text);
    if (pending !== undefined) return pending;
    const making = this.#make(key).finally(() => this.#making.delete(text));
    this.#making.set(text, making);
    return making;
  }

  find(id: number): Lane | undefined {
    return this.#byId.get(id);
  }

  async get(id: number): Promise<Lane> {
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    await this.refresh();
    const found = this.#byId.get(id);
    if (found === undefined) throw new Error(`unreachable: a row points at lane ${id}, which does not exist`);
    return found;
  }

  async refresh(): Promise<void> {
    // All of them: a lane with a lower id may have been committed after one with a higher id was read.
    const rows = await this.#database.db.selectFrom('lane').selectAll().orderBy('id').execute();
    for (const row of rows) this.#add(row);
  }

  async #make(key: LaneKey): Promise<Lane> {
    const { db } = this.#database;
    const row = {
      queue: key.queue,
      kind: key.kind,
      isolation: key.isolation,
      required_labels: JSON.stringify(key.required_labels),
      required_key: requiredKey(key.required_labels),
    };
    await db
      .insertInto('lane')
      .values(row)
      .onConflict((conflict) => conflict.columns(['queue', 'kind', 'isolation', 'required_key']).doNothing())
      .execute();
    const stored = await db
      .selectFrom('lane')
      .selectAll()
      .where('queue', '=', row.queue)
      .where('kind', '=', row.kind)
      .where('isolation', '=', row.isolation)
      .where('required_key', '=', row.required_key)
      .executeTakeFirstOrThrow();
    this.#add(stored);
    this.#database.wake.publish(['lanes']);
    return stored;
  }

  #add(row: Lane): void {
    if (this.#byId.has(row.id)) return;
    this.#byId.set(row.id, row);
    this.#byKey.set(keyOf(row), row);
    this.#version += 1;
  }
}
