import pg from 'pg';
import type { Core } from '@tidemark/core/engine';
import { createMonitor } from '@tidemark/core/monitors';
import { CreateMonitorInput } from '@tidemark/core/monitors/contract';
import { getUptime, listUptimes } from '@tidemark/core/uptime';
import type { Measure, Outcome, TrialRequest } from '../../trial.ts';
import { differs } from '../tally.ts';
import { alternate, latency } from '../timing.ts';
import { openEngine } from './open-engine.ts';

const MONITORS = 100;
const HOURS = 720;
const MINUTES = HOURS * 60;
const NAIVE_SAMPLES = 5;

/** The monitors of a month: one run a minute, one in fifty failed. The first has every run; of the others the counts and the two edges. */
async function fill(core: Core, client: pg.Client, minutes: number): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < MONITORS; index += 1) {
    const input = CreateMonitorInput.parse({
      name: `Monitor ${index}`,
      url: 'https://example.com',
      status: 'paused',
      interval_seconds: 60,
    });
    ids.push((await createMonitor(core, input)).id);
  }
  await client.query(
    `with series as (
      select n, at, duration_ms, passed, $2::int - 1 - n as total, coalesce(sum((not passed)::int) over before, 0) as failed,
        coalesce(sum(duration_ms) over before, 0) as spent
      from generate_series(0, $2::int - 1) as n, lateral (
        select 100 + n % 400 as duration_ms, n % 50 <> 0 as passed, date_trunc('minute', now()) - n * interval '1 minute' as at) m
      window before as (order by n desc rows between unbounded preceding and 1 preceding)
    )
    insert into run (run_id, test_id, started_at, completed_at, duration_ms, passed, attempts, triggered_by, steps_passed, steps_total, details,
      total_before, failed_before, degraded_before, flaky_before, duration_ms_before)
    select 'run_' || i.ord || '_' || lpad(n::text, 6, '0'), i.id, at, at, duration_ms, passed, 1, 'schedule', 1, 1, 'All steps passed.',
      total, failed, 0, 0, spent
    from unnest($1::text[]) with ordinality as i(id, ord), series where i.ord = 1 or n < 120 or n >= $2::int - 120`,
    [ids, minutes],
  );
  await client.query(
    `update monitor_state s set last_run_at = r.started_at, counted_until = r.started_at, counted_total = r.total_before + 1,
      counted_failed = r.failed_before + (not r.passed)::int, counted_duration_ms = r.duration_ms_before + r.duration_ms
    from (select distinct on (test_id) * from run order by test_id, started_at desc) r where r.test_id = s.test_id`,
  );
  await client.query(`insert into run_detail (run_id, step_results)
    select run_id, '[{"step_number":1,"name":"login","type":"http","passed":true,"duration_ms":120}]' from run`);
  await client.query(
    `insert into run_bucket (test_id, bucket_seconds, bucket_at, total, passed, degraded, flaky, excluded, duration_ms_sum, duration_ms_min, duration_ms_max)
    select i.id, b.* from unnest($1::text[]) as i(id), (
      select s.seconds, to_timestamp(floor(extract(epoch from at) / s.seconds) * s.seconds), count(*), count(*) filter (where n % 50 <> 0),
        0, 0, 0, sum(100 + n % 400), 100, 499
      from unnest(array[300, 3600, 86400]) as s(seconds), generate_series(0, $2::int - 1) as n,
        lateral (select date_trunc('minute', now()) - n * interval '1 minute' as at) m
      where s.seconds > 300 or n < 11520
      group by 1, 2) as b`,
    [ids, minutes],
  );
  return ids;
}

/** The uptime of a month beside the cheapest statement there is, and beside reading every run of it. */
export async function uptime(request: TrialRequest): Promise<Outcome> {
  const { n, rows: minutes = MINUTES, repeats = 1 } = request.trial.params;
  const engine = await openEngine(request.postgres_url);
  const client = new pg.Client({ connectionString: request.postgres_url });
  await client.connect();
  try {
    const ids = await fill(engine.core, client, minutes);
    const [first = ''] = ids;
    await engine.settle();
    const one = () => getUptime(engine.core, { test_id: first, hours: HOURS });
    const many = () => listUptimes(engine.core, { test_ids: ids, hours: HOURS });
    const reads = [one, many, () => client.query('select 1')];
    await alternate(Math.min(n, 50), reads);
    const measures: Measure[] = [];
    for (let round = 0; round < repeats; round += 1) {
      const [single = [], all = [], selecting = []] = await alternate(n, reads);
      const naive = () =>
        client.query(
          `select run.*, d.step_results from run join run_detail d using (run_id) where test_id = $1 and started_at >= now() - interval '720 hours'`,
          [first],
        );
      const [scan = []] = await alternate(NAIVE_SAMPLES, [naive]);
      measures.push({ ...latency(single), round }, { ...latency(selecting), round, subject: 'select-1' });
      measures.push({ ...latency(all), round, name: 'uptime-many' }, { ...latency(scan), round, name: 'uptime-naive' });
    }
    const answer = await one();
    const listed = (await many()).items;
    const window = [new Date(answer.from), new Date(answer.to)];
    const counted = await client.query<{ total: number; passed: number }>(
      'select count(*)::int as total, count(*) filter (where passed)::int as passed from run where test_id = $1 and started_at >= $2 and started_at < $3',
      [first, ...window],
    );
    return {
      measures,
      problems: [
        ...differs('runs', answer.total_runs, counted.rows[0]?.total ?? -1),
        ...differs('passed', answer.passed_runs, counted.rows[0]?.passed ?? -1),
        ...differs('monitors', listed.length, MONITORS),
        ...differs('runs of the last', listed.at(-1)?.total_runs ?? -1, listed[0]?.total_runs ?? 0),
      ],
    };
  } finally {
    await client.end();
    await engine.close();
  }
}
