import pg from 'pg';

type Counts = Readonly<Record<string, number>>;

const COUNTED = `select coalesce(sum(pending), 0)::int as pending, coalesce(sum(scheduled), 0)::int as scheduled,
  coalesce(sum(processing), 0)::int as processing, coalesce(sum(success), 0)::int as success, coalesce(sum(failed), 0)::int as failed,
  coalesce(sum(unconfirmed), 0)::int as unconfirmed from publishing_counter`;
const TRUE = `select count(*) filter (where status = 'pending')::int as pending, count(*) filter (where status = 'scheduled')::int as scheduled,
  count(*) filter (where status = 'processing')::int as processing, count(*) filter (where status = 'success')::int as success,
  count(*) filter (where status = 'failed')::int as failed, count(*) filter (where sub_status = 'unconfirmed')::int as unconfirmed
  from publication`;

/** Holds the counters against a true count, each pair in one snapshot, on a connection of its own. */
export class CounterSampler {
  readonly #client: pg.Client;
  readonly wrong: string[] = [];
  samples = 0;

  constructor(url: string) {
    this.#client = new pg.Client({ connectionString: url });
    this.#client.on('error', () => undefined);
  }

  async connect(): Promise<this> {
    await this.#client.connect();
    return this;
  }

  /** Answers the true counts. */
  async sample(): Promise<Counts> {
    await this.#client.query('begin isolation level repeatable read read only');
    const [counted = {}] = (await this.#client.query<Record<string, number>>(COUNTED)).rows;
    const [real = {}] = (await this.#client.query<Record<string, number>>(TRUE)).rows;
    await this.#client.query('commit');
    this.samples += 1;
    if (JSON.stringify(counted) !== JSON.stringify(real))
      this.wrong.push(`counted ${JSON.stringify(counted)}, there are ${JSON.stringify(real)}`);
    return real;
  }

  close(): Promise<void> {
    return this.#client.end().catch(() => undefined);
  }
}
