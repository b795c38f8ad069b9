import pg from 'pg';
import { sql } from 'kysely';
import type { DatabaseHandle } from '@tidemark/core/ports';
import { getStats } from '@tidemark/core/stats';
import { createWorkload } from '@tidemark/core/workloads';
import { ISOLATIONS } from '@tidemark/core/workloads/contract';
import type { Measure, Outcome, TrialRequest } from '../../trial.ts';
import { differs } from '../tally.ts';
import { alternate, latency } from '../timing.ts';
import { createDatabase } from '../../machine/postgres.ts';
import { inputOf, openEngine } from './open-engine.ts';
import type { Engine } from './open-engine.ts';

const KINDS = 8;
const CHUNK = 200_000;

/** Finished workloads spread over every lane, written in bulk with the counters that count them. */
async function fill(database: DatabaseHandle, rows: number): Promise<void> {
  for (let done = 0; done < rows; done += CHUNK) {
    const size = Math.min(CHUNK, rows - done);
    await sql`
      with lanes as (select array_agg(id order by id) as ids from lane),
      made as (
        insert into workload (id, lane_id, claim_order, status, payload, max_attempts, max_lease_losses, attempt, lease_epoch, duration_ms,
          started_at, finished_at, position)
        select 'wl_bench_' || lpad(n::text, 12, '0'), lanes.ids[1 + n % cardinality(lanes.ids)], n,
          case when n % 20 = 0 then 'failed' else 'completed' end, '{}', 1, 3, 1, 1, n % 1000, now(), now(), 3
        from lanes, generate_series(${sql.lit(done)}::bigint + 1, ${sql.lit(done + size)}::bigint) as n
        returning lane_id, status, duration_ms
      )
      insert into counter (slot, lane_id, completed, failed, duration_ms_sum, duration_count)
      select n % 2, lane_id, count(*) filter (where status = 'completed'), count(*) filter (where status = 'failed'),
        coalesce(sum(duration_ms) filter (where status = 'completed'), 0), count(*) filter (where status = 'completed')
      from (select *, row_number() over () as n from made) m group by 1, 2
      on conflict (slot, lane_id) do update set completed = counter.completed + excluded.completed, failed = counter.failed + excluded.failed,
        duration_ms_sum = counter.duration_ms_sum + excluded.duration_ms_sum, duration_count = counter.duration_count + excluded.duration_count`.execute(
      database.db,
    );
  }
}

interface Table extends Engine {
  readonly rows: number;
  readonly drop: () => Promise<void>;
}

/** An engine on a database of its own, with workloads of every lane in it. */
async function openTable(serverUrl: string, rows: number): Promise<Table> {
  const { url, drop } = await createDatabase(serverUrl);
  const engine = await openEngine(url);
  for (let kind = 0; kind < KINDS; kind += 1) {
    for (const isolation of ISOLATIONS) await createWorkload(engine.core, { ...inputOf(kind), kind: `bench-${kind}`, isolation });
  }
  await fill(engine.database, rows);
  await engine.settle();
  return { ...engine, rows, drop };
}

async function problemsOf({ core, database, rows }: Table): Promise<string[]> {
  const answer = await getStats(core, {});
  const counted = await sql<{ n: number }>`select count(*) as n from workload where status = 'completed'`.execute(database.db);
  return [
    ...differs('total', answer.total, rows + KINDS * ISOLATIONS.length),
    ...differs('completed', answer.by_status.completed, Number(counted.rows[0]?.n)),
  ];
}

/** Reading the statistics of a full table and of a nearly empty one in turns, beside the cheapest statement there is. */
export async function stats(request: TrialRequest): Promise<Outcome> {
  const { n, rows = 0, small_rows: smallRows = 0, repeats = 1 } = request.trial.params;
  await using stack = new AsyncDisposableStack();
  const open = async (size: number): Promise<Table> => {
    const table = await openTable(request.postgres_url, size);
    stack.defer(table.drop);
    stack.defer(() => table.close());
    return table;
  };
  const [small, large] = [await open(smallRows), await open(rows)];
  const client = new pg.Client({ connectionString: request.postgres_url });
  await client.connect();
  stack.defer(() => client.end());
  const reads = [() => getStats(large.core, {}), () => getStats(small.core, {}), () => client.query('select 1')];
  await alternate(n, reads);
  const measures: Measure[] = [];
  for (let round = 0; round < repeats; round += 1) {
    const [ofLarge = [], ofSmall = [], selecting = []] = await alternate(n, reads);
    measures.push({ ...latency(ofLarge), round }, { ...latency(ofSmall), round, name: 'stats-small' });
    measures.push({ ...latency(selecting), round, subject: 'select-1' });
  }
  const [scan = []] = await alternate(3, [
    () => sql`select status, lane_id, count(*), avg(duration_ms) from workload group by 1, 2`.execute(large.database.db),
  ]);
  measures.push({ ...latency(scan), round: 0, subject: 'group-by' });
  return { measures, problems: [...(await problemsOf(small)), ...(await problemsOf(large))] };
}
