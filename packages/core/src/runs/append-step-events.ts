import type { AppError } from '../errors.ts';
import type { CoreContext, EventChunk, GroupKind, Statement, Writer } from '../ports/index.ts';

/** The stream and the topic of a monitor's live events. */
export function streamOf(testId: string): string {
  return `monitor:${testId}`;
}

/**
 * Takes over chunks of step events: each once, by the epoch and number of its chunk, into the stream of the monitor whose run
 * the workload is. $1 is unused (the slot); then one array per chunk (workload, epoch, seq, number of events), then one per event
 * (its chunk from 1, its JSON object). Each workload at most once a call. The stream's rows are locked last. The run is found by the
 * key of its workload: an agent may tell of it before the row of the run says which workload it is.
 */
const APPEND: Statement = {
  name: 'append_step_events',
  text: `
with asked as (
  select * from unnest($2::text[], $3::int[], $4::int[], $5::int[]) with ordinality as i(workload_id, epoch, seq, n, ord)
), taken as (
  update open_run r set event_epoch = a.epoch, event_seq = a.seq
  from asked a join workload w on w.id = a.workload_id
  where w.idempotency_key like 'monitor-run:%' and r.run_id = substr(w.idempotency_key, 13) and (r.event_epoch, r.event_seq) < (a.epoch, a.seq)
  returning r.test_id, r.run_id, a.n, a.ord
), packed as (
  select t.ord, t.test_id, t.n, string_agg('{"run_id":"' || t.run_id || '",' || substr(e.item, 2), ',' order by e.at) as items
  from taken t join unnest($6::int[], $7::text[]) with ordinality as e(chunk, item, at) on e.chunk = t.ord
  group by t.ord, t.test_id, t.n
), bumped as (
  insert into stream (name, position) select 'monitor:' || test_id, sum(n) from packed group by test_id order by test_id
  on conflict (name) do update set position = stream.position + excluded.position
  returning name, position
), logged as (
  insert into event (stream, position, item_count, items)
  select b.name, b.position - coalesce(sum(p.n) over (partition by p.test_id order by p.ord rows between 1 following and unbounded following), 0),
    p.n, '[' || p.items || ']'
  from packed p join bumped b on b.name = 'monitor:' || p.test_id
)
select ord::int as ord, test_id from packed where $1::int is not null`,
};

/** Splits a flush so that no statement holds a workload twice: an update sees each row once. */
function waves(chunks: readonly EventChunk[]): number[][] {
  const out: number[][] = [];
  const next = new Map<string, number>();
  chunks.forEach((chunk, index) => {
    const wave = next.get(chunk.workload_id) ?? 0;
    next.set(chunk.workload_id, wave + 1);
    (out[wave] ??= []).push(index);
  });
  for (const wave of out) wave.sort((left, right) => ((chunks[left]?.workload_id ?? '') < (chunks[right]?.workload_id ?? '') ? -1 : 1));
  return out;
}

function valuesOf(slot: number, chunks: readonly EventChunk[]): unknown[] {
  return [
    slot,
    chunks.map((chunk) => chunk.workload_id),
    chunks.map((chunk) => chunk.epoch),
    chunks.map((chunk) => chunk.seq),
    chunks.map((chunk) => chunk.events.length),
    chunks.flatMap((chunk, index) => chunk.events.map(() => index + 1)),
    chunks.flatMap((chunk) => chunk.events.map((event) => JSON.stringify(event))),
  ];
}

async function writeChunks(writer: Writer, chunks: readonly EventChunk[]): Promise<(string | null | AppError)[]> {
  const answers: (string | null)[] = chunks.map(() => null);
  const write = async (run: Writer['run']): Promise<void> => {
    for (const wave of waves(chunks)) {
      const part = wave.map((index) => chunks[index]).filter((chunk) => chunk !== undefined);
      for (const row of await run<{ ord: number; test_id: string }>(APPEND, valuesOf(writer.slot, part))) {
        const index = wave[row.ord - 1];
        if (index !== undefined) answers[index] = row.test_id;
      }
    }
  };
  const isPlain = new Set(chunks.map((chunk) => chunk.workload_id)).size === chunks.length;
  if (isPlain) await write((statement, values) => writer.run(statement, values));
  else await writer.transaction((tx) => write((statement, values) => tx.run(statement, values)));
  return answers;
}

/** Answers the monitor a chunk was told to, or null when it is known already or no monitor's. */
const STEP_EVENTS: GroupKind<EventChunk, string | null> = {
  name: 'step_events',
  maxRows: 1000,
  rows: (chunk) => chunk.events.length,
  write: writeChunks,
};

/** Appends chunks in groups with what other agents tell at the same moment, and wakes the live views. */
export async function appendStepEvents(ctx: Pick<CoreContext, 'commits' | 'hub'>, chunks: readonly EventChunk[]): Promise<void> {
  const told = chunks.filter((chunk) => chunk.events.length > 0);
  const streams = await Promise.all(told.map((chunk) => ctx.commits.submit(STEP_EVENTS, chunk)));
  const topics = new Set(streams.flatMap((testId) => (testId === null ? [] : [streamOf(testId)])));
  if (topics.size > 0) ctx.hub.publish([...topics]);
}
