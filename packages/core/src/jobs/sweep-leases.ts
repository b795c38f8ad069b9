import { sql } from 'kysely';
import { settleGrants } from '../leases/index.ts';
import type { CoreContext } from '../ports/index.ts';
import { noteLostJobs } from '../workers/index.ts';
import type { CloseOperation } from './close-statement.ts';
import { closeRow } from './close.ts';
import { closeLeases } from './report.ts';

const BATCH = 500;

interface OverdueRow {
  workload_id: string;
  lease_epoch: number;
  worker_id: string;
  op: CloseOperation;
}

const ERRORS: Readonly<Partial<Record<CloseOperation, string>>> = {
  expire: 'The worker stopped renewing its lease.',
  timeout: 'It ran longer than it may.',
  grace: 'The worker did not confirm the cancel in time.',
};

/** A timed-out attempt is retried while attempts are left, as any failure. The agent enforces the limit; this is the net. */
const TIMEOUT_MARGIN_MS = 10_000;

/**
 * Ends leases that ran out, attempts past their deadline and cancels nobody confirmed. The statement checks each again,
 * so an agent that renews or reports at the same moment wins or loses cleanly. Answers how many it ended.
 */
export async function sweepLeases(ctx: CoreContext): Promise<number> {
  await settleGrants(ctx);
  let ended = 0;
  for (;;) {
    const { rows } = await sql<OverdueRow>`
      select workload_id, lease_epoch, worker_id,
        case when cancel_deadline_at < now() then 'grace' when expires_at < now() then 'expire' else 'timeout' end as op
      from lease
      where expires_at < now() or cancel_deadline_at < now() or deadline_at < now() - ${`${TIMEOUT_MARGIN_MS} ms`}::interval
      limit ${BATCH}`.execute(ctx.database.db);
    const outcomes = await closeLeases(
      ctx,
      rows.map((row) =>
        closeRow({
          id: row.workload_id,
          epoch: row.lease_epoch,
          op: row.op,
          is_retryable: row.op === 'timeout',
          reason: null,
          error: ERRORS[row.op] ?? null,
        }),
      ),
    );
    await noteLostJobs(
      ctx,
      rows.flatMap((row, index) =>
        row.op === 'expire' && outcomes[index]?.status === 'fulfilled' ? [{ worker_id: row.worker_id, job_id: row.workload_id }] : [],
      ),
    );
    ended += outcomes.filter((outcome) => outcome.status === 'fulfilled').length;
    if (rows.length < BATCH) return ended;
  }
}
