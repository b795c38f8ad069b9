import { sql } from 'kysely';
import { expect } from 'vitest';
import type { StreamEvent } from '../events/contract.ts';
import { listEvents } from '../events/index.ts';
import type { Core } from '../engine/index.ts';
import { getStats } from '../stats/index.ts';
import { getWorkload, isFinal, TRANSITIONS } from '../workloads/index.ts';
import { WORKLOAD_STATUSES, type WorkloadStatus } from '../workloads/contract.ts';

/** Final rows as they were seen, to notice one that changes: by id, with the number of times it was reopened by then. */
export type FinalRows = Map<string, { reopened: number; row: string }>;

interface Row {
  id: string;
  status: WorkloadStatus;
  text: string;
}

async function readAll(core: Core, stream: string): Promise<StreamEvent[]> {
  const all: StreamEvent[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await listEvents(core, { stream, limit: 1000, ...(after === undefined ? {} : { after }) });
    all.push(...page.items);
    if (page.next_cursor === null) return all;
    after = page.next_cursor;
  }
}

function expectContiguous(stream: string, events: readonly StreamEvent[]): void {
  const positions = events.map((event) => Number(event.id.split('.')[1]));
  expect(positions, `positions of ${stream}`).toEqual(positions.map((_, index) => index + 1));
}

/** The status after each event that tells one; every step of it must be an arrow of the table. */
function replay(events: readonly StreamEvent[], name: string): WorkloadStatus | null {
  let status: WorkloadStatus | null = null;
  for (const event of events) {
    const next = event.data['status'] as WorkloadStatus | undefined;
    if (next === undefined || next === status) continue;
    const from: WorkloadStatus | null = status;
    const isArrow = from === null ? next === 'pending' : TRANSITIONS.some((arrow) => arrow.from === from && arrow.to === next);
    expect(isArrow, `${name} went from ${from} to ${next} (${event.type})`).toBe(true);
    status = next;
  }
  return status;
}

/** One open lease per running workload that is not executed elsewhere, of its epoch; attempts and losses within their budgets. */
async function expectSoundRows(core: Core): Promise<void> {
  const { rows: broken } = await sql<{ id: string; problem: string }>`
    select w.id, 'lease' as problem from workload w left join open_lease l on l.workload_id = w.id
      where (w.status = 'running' and w.status_reason is distinct from 'external') <> (l.workload_id is not null)
        or l.lease_epoch <> w.lease_epoch or l.worker_id <> w.worker_id
    union all select w.id, 'mark of a lease' from workload w
      where w.status = 'running' and w.status_reason is distinct from 'external' and w.has_lease <> exists (select from lease l where l.workload_id = w.id)
    union all select l.workload_id, 'lease without workload' from lease l where not exists (select from workload w where w.id = l.workload_id)
    union all select id, 'finished_at' from workload where (finished_at is not null) <> (status in ('completed', 'failed', 'cancelled'))
    union all select id, 'attempts' from workload where attempt > max_attempts or lease_losses > max_lease_losses
    union all select a.workload_id, 'epoch of an attempt' from tried a join workload w on w.id = a.workload_id where a.lease_epoch > w.lease_epoch
    union all select a.workload_id, 'attempt still open' from tried a join open_lease l on l.workload_id = a.workload_id and l.lease_epoch = a.lease_epoch
    union all select workload_id, 'two completions' from tried where outcome = 'completed' group by workload_id having count(*) > 1
    union all select w.id, 'completed without its attempt' from workload w
      where w.status = 'completed' and w.worker_id is not null
        and not exists (select from tried a where a.workload_id = w.id and a.outcome in ('completed', 'revoked'))
  `.execute(core.database.db);
  expect(broken).toEqual([]);
}

async function expectTrueCounts(core: Core): Promise<void> {
  const { rows } = await sql<{
    status: WorkloadStatus;
    n: number;
  }>`select status, count(*)::int as n from workload group by status`.execute(core.database.db);
  const truth = Object.fromEntries(WORKLOAD_STATUSES.map((status) => [status, rows.find((row) => row.status === status)?.n ?? 0]));
  const { rows: mean } = await sql<{ ms: number }>`
    select coalesce(floor(avg(duration_ms) + 0.5), 0)::bigint as ms from workload where status = 'completed' and duration_ms is not null`.execute(
    core.database.db,
  );
  const stats = await getStats(core, {});
  expect(stats.by_status).toEqual(truth);
  expect(stats.total).toBe(Object.values(truth).reduce((sum, n) => sum + n, 0));
  expect(stats.avg_duration_ms).toBe(mean[0]?.ms);
}

/** Holds every promise that can be read from the database, whatever happened before. */
export async function expectInvariants(core: Core, seen: { finals: FinalRows; reopened: (id: string) => number }): Promise<void> {
  await expectSoundRows(core);
  await expectTrueCounts(core);
  const shared = await readAll(core, 'workloads');
  expectContiguous('workloads', shared);
  const { rows } = await sql<Row>`select id, status, to_jsonb(workload)::text as text from workload`.execute(core.database.db);
  for (const { id, status, text } of rows) {
    const own = await readAll(core, id);
    expectContiguous(id, own);
    expect(replay(own, `the stream of ${id}`)).toBe(status);
    expect(
      replay(
        shared.filter((event) => event.data['id'] === id),
        `${id} in the shared stream`,
      ),
    ).toBe(status);
    const known = seen.finals.get(id);
    const reopened = seen.reopened(id);
    if (known !== undefined && known.reopened === reopened) expect(text, `the final row of ${id}`).toBe(known.row);
    if (isFinal(status)) seen.finals.set(id, { reopened, row: text });
    else {
      seen.finals.delete(id);
      expect((await getWorkload(core, { id })).wait_reason, `why ${id} waits`).not.toBeNull();
    }
  }
}
