import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { insertHistory } from '../history/index.ts';
import { addToStatistics } from '../stats/index.ts';
import { Dice } from './dice.ts';
import { insertRows } from './insert-rows.ts';
import type { PlannedEvent, PlannedReport, WorkloadPlan, WorkloadRow } from './plan-workloads.ts';
import type { Span } from './span.ts';

const STREAM = 'workloads';
/** Where corrections of the counters go, apart from the slots of the writers. */
const SLOT = -1;

async function addToCounters(tx: Transaction<Database>, workloads: readonly WorkloadRow[]): Promise<void> {
  const lanes = [...Map.groupBy(workloads, (row) => row.lane_id)].sort(([left], [right]) => left - right);
  const count = (status: string): number[] => lanes.map(([, rows]) => rows.filter((row) => row.status === status).length);
  const sums = lanes.map(([, rows]) => rows.reduce((sum, row) => sum + (row.status === 'completed' ? (row.duration_ms ?? 0) : 0), 0));
  await sql`
    insert into counter (slot, lane_id, pending, completed, failed, cancelled, duration_ms_sum, duration_count)
    select ${SLOT}::int, i.*, completed from (select lane_id, pending, completed, failed, cancelled, ms from unnest(
      ${lanes.map(([lane]) => lane)}::int[], ${count('pending')}::bigint[], ${count('completed')}::bigint[], ${count('failed')}::bigint[],
      ${count('cancelled')}::bigint[], ${sums}::bigint[]) as i(lane_id, pending, completed, failed, cancelled, ms)) as i
    on conflict (slot, lane_id) do update set pending = counter.pending + excluded.pending, completed = counter.completed + excluded.completed,
      failed = counter.failed + excluded.failed, cancelled = counter.cancelled + excluded.cancelled,
      duration_ms_sum = counter.duration_ms_sum + excluded.duration_ms_sum, duration_count = counter.duration_count + excluded.duration_count`.execute(
    tx,
  );
}

/** Takes the next places of the log, and keeps every other writer of it waiting until the commit. Answers the place before them. */
async function takePlaces(tx: Transaction<Database>, count: number): Promise<number> {
  const { position } = await tx
    .updateTable('stream')
    .set({ position: sql`position + ${count}` })
    .where('name', '=', STREAM)
    .returning('position')
    .executeTakeFirstOrThrow();
  return position - count;
}

/** Appends the events with their own times and takes the projections past them; what they would add is written beside this. */
async function appendLog(tx: Transaction<Database>, events: readonly PlannedEvent[], span: Span): Promise<void> {
  const before = await takePlaces(tx, events.length);
  const behind = await tx.selectFrom('projection').select('name').where('stream', '=', STREAM).where('position', '<', before).execute();
  if (behind.length > 0) throw new Error(`the projections ${behind.map((row) => row.name).join(', ')} have not read the log to its end`);
  const rows = events.map(({ at, item }, index) => ({
    stream: STREAM,
    position: before + index + 1,
    item_count: 1,
    items: JSON.stringify([item]),
    created_at: span.iso(at),
  }));
  await insertRows(tx, 'event', rows);
  await tx
    .updateTable('projection')
    .set({ position: before + events.length })
    .where('stream', '=', STREAM)
    .execute();
}

/** Writes what the workers reported, as it is kept: the reports of one worker in one hour together. */
async function saveReports(tx: Transaction<Database>, reports: readonly PlannedReport[], span: Span): Promise<void> {
  const dice = new Dice(span, 'reports');
  const typeOf = new Map(reports.map((report) => [report.worker_id, report.worker_type]));
  const hours = Map.groupBy(reports, (report) => report.accepted_at.slice(0, 13));
  const batches = [...hours.values()].map((entries) => ({ id: dice.id('wh', Date.parse(entries[0]?.accepted_at ?? '')), entries }));
  await tx.executeQuery(insertHistory(batches, (entry) => typeOf.get(entry.worker_id) ?? 'unknown'));
}

/** Writes the work of a demo with its part of the log, its counters and its roll-ups. */
export async function saveWorkloads(tx: Transaction<Database>, plan: WorkloadPlan, span: Span): Promise<void> {
  await insertRows(tx, 'workload', plan.workloads);
  await insertRows(tx, 'attempt', plan.attempts);
  await addToCounters(tx, plan.workloads);
  await addToStatistics(
    tx,
    plan.events.map(({ at, item }, index) => ({ position: index + 1, created_at: span.iso(at), item })),
  );
  await saveReports(tx, plan.reports, span);
  await appendLog(tx, plan.events, span);
}
