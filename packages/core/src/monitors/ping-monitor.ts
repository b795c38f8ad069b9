import { sql } from 'kysely';
import { notFound } from '../errors.ts';
import { newId } from '../ids.ts';
import type { CoreContext } from '../ports/index.ts';
import { recordFinished } from '../runs/index.ts';
import { nextRun } from '../schedules/index.ts';
import { SCHEDULE_TOPIC } from './change-monitor.ts';

export interface Ping {
  readonly ping_key: string;
  /** Tells of a failure instead of a sign of life. */
  readonly is_failure: boolean;
  readonly message: string | null;
  readonly duration_ms: number | null;
}

/** Takes the ping of a heartbeat monitor: a run, and a new deadline. @throws {AppError} NOT_FOUND for a key nobody has. */
export async function pingMonitor(ctx: CoreContext, ping: Ping): Promise<{ ok: true; run_id: string }> {
  const { db } = ctx.database;
  const monitor = await db
    .selectFrom('monitor')
    .selectAll()
    .select(sql<string>`now()`.as('now'))
    .where('ping_key', '=', ping.ping_key)
    .executeTakeFirst();
  if (monitor === undefined) throw notFound('heartbeat', 'of this address');
  const now = Date.parse(monitor.now);
  const runId = newId('run', ctx.now());
  const next = monitor.status === 'paused' ? null : nextRun(monitor, now, now);
  const details = ping.message ?? (ping.is_failure ? 'The ping told of a failure.' : 'The ping came.');
  const topics = await db.transaction().execute(async (tx) => {
    await tx
      .updateTable('monitor_state')
      .set({ next_run_at: next === null ? null : new Date(next + monitor.grace_seconds * 1000).toISOString() })
      .where('test_id', '=', monitor.id)
      .execute();
    return recordFinished(ctx, tx, [
      {
        run_id: runId,
        test_id: monitor.id,
        triggered_by: 'ping',
        started_at: monitor.now,
        completed_at: monitor.now,
        duration_ms: ping.duration_ms ?? 0,
        passed: !ping.is_failure,
        steps_passed: ping.is_failure ? 0 : 1,
        steps_total: 1,
        details,
        error: ping.is_failure ? details : null,
        step_results: [],
        attempts: 1,
        is_flaky: false,
        is_degraded: false,
        workload_id: null,
        worker_id: null,
        artifacts: [],
      },
    ]);
  });
  ctx.hub.publish([...topics, SCHEDULE_TOPIC]);
  return { ok: true, run_id: runId };
}
