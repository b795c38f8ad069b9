import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { createTestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import { pruneHistory } from './index.ts';

describe.each(engines())('old history on %s', (engine) => {
  it('goes after its time, in batches, and days stay', async () => {
    await using test = await createTestCore(engine);
    const { db } = test.core.database;
    await sql`
      insert into worker_history_pack (id, worker_id, worker_type, first_at, last_at, has_failure, events, job_ids, finished_at)
      select 'wh_' || n, 'wk_1', 'test', at, at, false, 'kc', array['wl_1', 'wl_2'], array[at, at]
      from (select n, now() - case when n <= 6000 then interval '91 days' else interval '89 days' end as at from generate_series(1, 6005) n) old`.execute(
      db,
    );
    await sql`
      insert into throughput_bucket (scope, key, grain, bucket_at, keys_scanned, rated_keys, busy_ms, sample_count)
      select 'fleet', '', grain, now() - age * interval '1 day', 1, 1, 1, 1
      from unnest(array['minute', 'hour', 'day']) grain, unnest(array[1, 15, 401]) age`.execute(db);
    expect(await pruneHistory(test.core)).toBe(12_000 + 2 + 1);
    expect(await pruneHistory(test.core)).toBe(0);
    const rows = await sql<{ count: number }>`select count(*)::int as count from worker_history`.execute(db);
    expect(rows.rows).toEqual([{ count: 10 }]);
    const buckets = await sql<{ grain: string; count: number }>`
      select grain, count(*)::int as count from throughput_bucket group by grain order by grain`.execute(db);
    expect(buckets.rows).toEqual([
      { grain: 'day', count: 3 },
      { grain: 'hour', count: 2 },
      { grain: 'minute', count: 1 },
    ]);
  });
});
