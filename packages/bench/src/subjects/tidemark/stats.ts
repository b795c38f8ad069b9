import pg from 'pg';
import { sql } from 'kysely';
import type { DatabaseHandle } from '@tidemark/core/ports';
import { getStats } from '@tidemark/core/stats';
import { createWorkload } from '@tidemark/core/workloads';
import { ISOLATIONS } from '@tidemark/core/workloads/contract';
import type { Measure, Outcome, TrialRequest } from '../../trial.ts';
import { differs } from '../tally.ts';
import { alternate, latency } from '../timing.ts';
import { inputOf, openEngine } from './open-engine.ts';

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

/** Reading the statistics of a full table beside the cheapest statement there is. */
export async function stats(request: TrialRequest): Promise<Outcome> {
  const { n, rows = 0, repeats = 1 } = request.trial.params;
  const engine = await openEngine(request.postgres_url);
  const client = new pg.Client({ connectionString: request.postgres_url });
  await client.connect();
  try {
    for (let kind = 0; kind < KINDS; kind += 1) {
      for (const isolation of ISOLATIONS) await createWorkload(engine.core, { ...inputOf(kind), kind: `bench-${kind}`, isolation });
    }
    await fill(engine.database, rows);
    await engine.settle();
    const read = (): Promise<unknown> => getStats(engine.core, {});
    const one = (): Promise<unknown> => client.query('select 1');
    await alternate(n, [read, one]);
    const measures: Measure[] = [];
    for (let round = 0; round < repeats; round += 1) {
      const [reading = [], selecting = []] = await alternate(n, [read, one]);
      measures.push({ ...latency(reading), round }, { ...latency(selecting), round, subject: 'select-1' });
    }
    const [scan = []] = await alternate(3, [
      () => sql`select status, lane_id, count(*), avg(duration_ms) from workload group by 1, 2`.execute(engine.database.db),
    ]);
    measures.push({ ...latency(scan), round: 0, subject: 'group-by' });
    const answer = await getStats(engine.core, {});
    const counted = await sql<{ n: number }>`select count(*) as n from workload where status = 'completed'`.execute(engine.database.db);
    return {
      measures,
      problems: [
        ...differs('total', answer.total, rows + KINDS * ISOLATIONS.length),
        ...differs('completed', answer.by_status.completed, Number(counted.rows[0]?.n)),
      ],
    };
  } finally {
    await client.end();
    await engine.close();
  }
}
