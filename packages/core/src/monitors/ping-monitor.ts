import { sql } from 'kysely';
import { notFound } from '../errors.ts';
import { newId } from '../ids.ts';
import type { CoreContext } from '../ports/index.ts';
import { recordFinished, SCHEDULE_TOPIC } from '../runs/index.ts';
import { nextRun } from '../schedules/index.ts';
import type { PingInput } from './contract.ts';

/** Takes the ping of a heartbeat monitor: a run, and a new deadline. @throws {AppError} NOT_FOUND for a key nobody has. */
export async function pingMonitor(ctx: CoreContext, ping: PingInput): Promise<{ ok: true; run_id: string }> {
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
  const isFailure = ping.status === 'fail';
  const details = ping.message ?? (isFailure ? 'The ping told of a failure.' : 'The ping came.');
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
        passed: !isFailure,
        steps_passed: isFailure ? 0 : 1,
        steps_total: 1,
        details,
        error: isFailure ? details : null,
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
