import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { foldLog, type PlacedItem } from '../events/index.ts';
import type { CoreContext } from '../ports/index.ts';
import { countFailures, type Sighting } from './count-failures.ts';
import { failureText } from './fingerprint.ts';

/** Runs and publications are carried by workloads of these kinds; they tell of their failures themselves. */
const CARRIERS = ['monitor', 'publish'];

interface Row {
  readonly id: string;
  readonly subject: string;
  readonly text: string | null;
  readonly reason?: string | null;
}

function timesOf(placed: readonly PlacedItem[], type: string, field: string): Map<string, { at: number; attempt: number }> {
  const times = new Map<string, { at: number; attempt: number }>();
  for (const { item, created_at: at } of placed) {
    const id = item[field];
    const attempt = item['epoch'] ?? item['attempt'];
    if (item.type === type && typeof id === 'string')
      times.set(id, { at: Date.parse(at), attempt: typeof attempt === 'number' ? attempt : 0 });
  }
  return times;
}

function sightingsOf(domain: Sighting['domain'], rows: readonly Row[], times: ReadonlyMap<string, { at: number }>): Sighting[] {
  return rows.map(({ id, subject, text, reason }) => {
    return { domain, subject, text: failureText(text, reason), at: times.get(id)?.at ?? 0, ref: id };
  });
}

async function addWorkloads(tx: Transaction<Database>, placed: readonly PlacedItem[]): Promise<void> {
  const times = timesOf(placed, 'workload.failed', 'id');
  if (times.size === 0) return;
  const { rows } = await sql<Row>`
    select w.id, l.kind as subject, coalesce(a.error, w.error) as text, coalesce(a.next_reason, w.status_reason) as reason
    from unnest(${[...times.keys()]}::text[], ${[...times.values()].map(({ attempt }) => attempt)}::int[]) as i(id, epoch)
    join workload w on w.id = i.id join lane l on l.id = w.lane_id left join attempt a on a.workload_id = i.id and a.lease_epoch = i.epoch
    where l.kind <> all(${CARRIERS}::text[])`.execute(tx);
  await countFailures(tx, sightingsOf('workload', rows, times));
}

async function addRuns(tx: Transaction<Database>, placed: readonly PlacedItem[]): Promise<void> {
  const failed = placed.filter(({ item }) => item['passed'] === false);
  const times = timesOf(failed, 'run.recorded', 'run_id');
  if (times.size === 0) return;
  const { rows } =
    await sql<Row>`select run_id as id, test_id as subject, error as text from run where run_id = any(${[...times.keys()]}::text[])`.execute(
      tx,
    );
  await countFailures(tx, sightingsOf('monitor', rows, times));
}

async function addPublications(tx: Transaction<Database>, placed: readonly PlacedItem[]): Promise<void> {
  const times = timesOf(placed, 'publication.failed', 'id');
  if (times.size === 0) return;
  const { rows } = await sql<Row>`
    select p.id, p.platform_key as subject, coalesce(a.error, p.error) as text
    from unnest(${[...times.keys()]}::text[], ${[...times.values()].map(({ attempt }) => attempt)}::int[]) as i(id, attempt)
    join publication p on p.id = i.id left join publication_attempt a on a.publication_id = i.id and a.attempt = i.attempt`.execute(tx);
  await countFailures(tx, sightingsOf('publication', rows, times));
}

/** Counts the failures the logs tell of and no one has counted, each exactly once. Several servers may call it; they take turns. */
export async function foldFailures(ctx: CoreContext): Promise<void> {
  await foldLog(ctx, 'failures_workloads', { apply: addWorkloads });
  await foldLog(ctx, 'failures_monitors', { apply: addRuns });
  await foldLog(ctx, 'failures_publications', { apply: addPublications });
}
