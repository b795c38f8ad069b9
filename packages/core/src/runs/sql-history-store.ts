import { sql, type Kysely, type SqlBool, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { watchStream } from '../events/index.ts';
import type {
  CoreContext,
  EventChunk,
  HistoryPage,
  HistoryStore,
  RecordedRun,
  RunBuckets,
  RunCounts,
  RunEvents,
  RunFilter,
} from '../ports/index.ts';
import { appendStepEvents, streamOf } from './append-step-events.ts';
import type { Incident, LiveEvent, Run, TimingPoint } from './contract.ts';
import { countRuns } from './count-runs.ts';
import { saveRuns } from './save-runs.ts';
import { SqlRunBuckets } from './sql-run-buckets.ts';
import { toLiveEvent } from './to-live-event.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

function before(page: HistoryPage) {
  return page.before === undefined
    ? sql<SqlBool>`true`
    : sql<SqlBool>`(run.started_at, run.run_id) < (${page.before.started_at}::timestamptz, ${page.before.run_id}::text)`;
}

function selectRuns(db: Kysely<Database>, testId: string, withoutArtifacts = false) {
  return db
    .selectFrom('run')
    .leftJoin('run_detail', 'run_detail.run_id', 'run.run_id')
    .selectAll('run')
    .select(['run_detail.step_results', withoutArtifacts ? sql<null>`null`.as('artifacts') : 'run_detail.artifacts'])
    .where('run.test_id', '=', testId);
}

type Row = Awaited<ReturnType<ReturnType<typeof selectRuns>['executeTakeFirstOrThrow']>>;

function toRun(row: Row): Run {
  return {
    run_id: row.run_id,
    passed: row.passed,
    duration_ms: row.duration_ms,
    steps_passed: row.steps_passed,
    steps_total: row.steps_total,
    details: row.details,
    step_results: row.step_results === null ? [] : (JSON.parse(row.step_results) as unknown[]),
    error: row.error,
    triggered_by: row.triggered_by,
    started_at: row.started_at,
    completed_at: row.completed_at,
    attempts: row.attempts,
    is_flaky: row.is_flaky,
    is_degraded: row.is_degraded,
    is_excluded: row.is_excluded,
    workload_id: row.workload_id,
    worker_id: row.worker_id,
    artifacts: row.artifacts === null ? [] : (JSON.parse(row.artifacts) as unknown[]),
  };
}

/** The event that ends a run in the live view. */
export function runCompleteEvent(run: RecordedRun): { type: 'run_complete'; [field: string]: unknown } {
  const { run_id, passed, duration_ms, steps_passed, steps_total, error, triggered_by } = run;
  return { type: 'run_complete', run_id, message: run.details, passed, duration_ms, steps_passed, steps_total, error, triggered_by };
}

/** Appends the ends of runs to the streams of their monitors in one statement; the streams are locked in one order. */
async function appendEnds(tx: Transaction<Database>, runs: readonly RecordedRun[]): Promise<void> {
  if (runs.length === 0) return;
  const streams = [...Map.groupBy(runs, (run) => streamOf(run.test_id))];
  await sql`
    with asked as (
      select * from unnest(${streams.map(([name]) => name)}::text[], ${streams.map(([, ended]) => ended.length)}::int[],
        ${streams.map(([, ended]) => JSON.stringify(ended.map(runCompleteEvent)))}::text[]) as i(name, n, items)
    ), bumped as (
      insert into stream (name, position) select name, n from asked order by name
      on conflict (name) do update set position = stream.position + excluded.position
      returning name, position
    )
    insert into event (stream, position, item_count, items)
    select bumped.name, bumped.position, asked.n, asked.items from asked join bumped on bumped.name = asked.name`.execute(tx);
}

/** The history of monitors in the tables of the system: part of the transaction that moves the monitor's state. */
export class SqlHistoryStore implements HistoryStore {
  readonly capabilities = { is_transactional: true };
  readonly events: RunEvents;
  readonly buckets: RunBuckets;
  readonly earlier = null;
  readonly #context: () => CoreContext;
  readonly #db: Kysely<Database>;

  constructor(context: () => CoreContext, db: Kysely<Database>) {
    this.#context = context;
    this.#db = db;
    this.events = {
      append: (chunks: readonly EventChunk[]) => appendStepEvents(context(), chunks),
      watch: (asked, signal) => Promise.resolve(watchMonitorStream(context(), asked, signal)),
    };
    this.buckets = new SqlRunBuckets(db);
  }

  async record(...[tx, runs, how]: Parameters<HistoryStore['record']>): Promise<void> {
    const fresh = await saveRuns(tx, runs);
    if (how?.is_silent !== true) await appendEnds(tx, fresh);
  }

  async remove(...[tx, testId]: Parameters<HistoryStore['remove']>): Promise<void> {
    await tx.deleteFrom('run').where('test_id', '=', testId).execute();
    await tx.deleteFrom('event').where('stream', '=', streamOf(testId)).execute();
    await tx.deleteFrom('stream').where('name', '=', streamOf(testId)).execute();
  }

  async findRun(testId: string, runId: string): Promise<Run | null> {
    const row = await selectRuns(this.#db, testId).where('run.run_id', '=', runId).executeTakeFirst();
    return row === undefined ? null : toRun(row);
  }

  async listRuns(testId: string, page: HistoryPage & RunFilter): Promise<{ runs: Run[]; total: number }> {
    let query = selectRuns(this.#db, testId, page.without_artifacts).where(before(page));
    if (page.passed !== undefined) query = query.where('run.passed', '=', page.passed);
    if (page.from !== undefined) query = query.where('run.started_at', '>=', iso(page.from));
    if (page.to !== undefined) query = query.where('run.started_at', '<', iso(page.to));
    const [rows, total] = await Promise.all([
      query
        .orderBy('run.started_at', 'desc')
        .orderBy('run.run_id', 'desc')
        .limit(page.limit)
        .offset(page.before === undefined ? page.offset : 0)
        .execute(),
      this.#total(testId, page.passed),
    ]);
    return { runs: rows.map(toRun), total };
  }

  async listTiming(testId: string, page: HistoryPage): Promise<{ timing: TimingPoint[]; total: number }> {
    const [rows, total] = await Promise.all([
      this.#db
        .selectFrom('run')
        .select(['run_id', 'started_at as timestamp', 'duration_ms'])
        .where('test_id', '=', testId)
        .where(before(page))
        .orderBy('started_at', 'desc')
        .orderBy('run_id', 'desc')
        .limit(page.limit)
        .offset(page.before === undefined ? page.offset : 0)
        .execute(),
      this.#total(testId, undefined),
    ]);
    return { timing: rows.map(({ timestamp, duration_ms, run_id }) => ({ timestamp, duration_ms, run_id })), total };
  }

  async listIncidents(testId: string, page: HistoryPage): Promise<{ incidents: Incident[]; total: number }> {
    const { runs, total } = await this.listRuns(testId, { ...page, passed: false });
    const incidents = runs.map(({ run_id, error, details, started_at }) => ({
      run_id,
      test_id: testId,
      error,
      details,
      started_at,
      alert_sent: false,
    }));
    return { incidents, total };
  }

  countRuns(testIds: readonly string[], window: { from: number; to: number }): Promise<RunCounts[]> {
    const { database, now } = this.#context();
    return countRuns(database.reader, testIds, { ...window, now_ms: now() });
  }

  /** Kept with the writes: a count of the rows would cost what the history holds. */
  async #total(testId: string, passed: boolean | undefined): Promise<number> {
    const row = await this.#db
      .selectFrom('monitor_state')
      .select(['run_total', 'failed_total'])
      .where('test_id', '=', testId)
      .executeTakeFirst();
    if (row === undefined) return 0;
    return passed === undefined ? row.run_total : passed ? row.run_total - row.failed_total : row.failed_total;
  }
}

async function* watchMonitorStream(
  ctx: CoreContext,
  asked: { test_id: string; after: string | null; replay: number },
  signal: AbortSignal,
): AsyncGenerator<LiveEvent> {
  const events = watchStream(ctx, { stream: streamOf(asked.test_id), after: asked.after, replay: asked.replay }, signal);
  for await (const event of events) yield toLiveEvent(event);
}
