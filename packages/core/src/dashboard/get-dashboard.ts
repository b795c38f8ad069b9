import { sql } from 'kysely';
import type { CoreContext } from '../ports/index.ts';
import { keepAdopted } from '../runs/index.ts';
import type { Dashboard } from './contract.ts';

const RECENT = 5;

/** How all monitors stand, counted by the server, and the five that ran last. */
export async function getDashboard(ctx: CoreContext): Promise<Dashboard> {
  const { db } = ctx.database;
  await keepAdopted(ctx);
  const [{ rows }, recent_runs] = await Promise.all([
    sql<Omit<Dashboard, 'recent_runs'>>`
      select count(*)::int as total_tests, count(*) filter (where m.status = 'active')::int as active_tests,
        count(*) filter (where m.status = 'paused')::int as paused_tests, count(*) filter (where s.last_result = 'passed')::int as passing,
        count(*) filter (where s.last_result = 'failed')::int as failing, count(*) filter (where s.last_result is null)::int as pending,
        (select count(*)::int from outage where resolved_at is null) as open_outages
      from monitor m join monitor_state s on s.test_id = m.id`.execute(db),
    db
      .selectFrom('monitor_state as state')
      .innerJoin('monitor', 'monitor.id', 'state.test_id')
      .select(['monitor.id as test_id', 'monitor.name as test_name', 'monitor.url as test_url', 'state.last_result', 'state.last_run_at'])
      .where('state.last_run_at', 'is not', null)
      .orderBy('state.last_run_at', 'desc')
      .orderBy('state.test_id', 'desc')
      .limit(RECENT)
      .execute(),
  ]);
  const [counts] = rows;
  if (counts === undefined) throw new Error('an aggregate without a row');
  return { ...counts, recent_runs };
}
