import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { appendEvent } from '../events/index.ts';
import { DEFAULT_ALERT } from '../monitors/contract.ts';
import { listObservations, moveMonitor, staleMs, type Observation } from '../outages/index.ts';
import type { CoreContext, EarlierMonitor } from '../ports/index.ts';
import { HttpUrl } from '../steps/contract.ts';
import { MONITORS_TOPIC, saveStates, type StateRow } from './record-runs.ts';

const DAY_MS = 86_400_000;
/** As far back as an uptime may ask. */
const REPLAY_MS = 400 * DAY_MS;
const TIMEOUT_MS = 30_000;
/** Where nobody told how often a monitor ran; it is also how long each of its runs speaks for the time after it. */
const UNTOLD_INTERVAL_SECONDS = 300;
const MIN_INTERVAL_SECONDS = 5;
const MAX_INTERVAL_SECONDS = 2_592_000;
/** Stands for a target nobody told; a name that never resolves. */
const UNKNOWN_URL = 'http://unknown.invalid/';
/** Looking for monitors of an earlier deployment takes at most this share of the time. */
const REST_PER_LOOK = 40;
const MIN_REST_MS = 1000;
const PATIENCE_MS = 100;

function definitionOf(earlier: EarlierMonitor) {
  const url = HttpUrl.safeParse(earlier.url);
  const seconds = earlier.interval_seconds ?? UNTOLD_INTERVAL_SECONDS;
  return {
    id: earlier.test_id,
    name: (earlier.name ?? earlier.test_id).replaceAll('\0', '').slice(0, 200),
    type: 'synthetic' as const,
    steps: '[]',
    cron: null,
    timezone: 'UTC',
    grace_seconds: 60,
    retries: 0,
    tags: [],
    is_public: false,
    alert: JSON.stringify(DEFAULT_ALERT),
    degraded_ms: null,
    slo_target_pct: null,
    parent_id: null,
    ping_key: null,
    url: url.success ? url.data : UNKNOWN_URL,
    interval_seconds: Math.min(MAX_INTERVAL_SECONDS, Math.max(MIN_INTERVAL_SECONDS, seconds)),
    timeout_ms: TIMEOUT_MS,
    // Without a target there is nothing to run.
    status: url.success ? earlier.status : ('paused' as const),
  };
}

/** Moves the new monitor through its recorded runs, as if each had been recorded here: timeline, outages and all. */
async function replay(tx: Transaction<Database>, start: StateRow, runs: readonly Observation[]): Promise<StateRow> {
  let state = start;
  for (const run of runs) {
    const news = await moveMonitor(tx, state.snapshot, run);
    state = {
      snapshot: { ...state.snapshot, state: news.state },
      last_run_at: run.at,
      last_run_id: run.run_id,
      last_result: run.passed ? 'passed' : 'failed',
    };
  }
  return state;
}

async function insertMonitor(ctx: CoreContext, earlier: EarlierMonitor): Promise<void> {
  const now = ctx.now();
  const runs = (await listObservations(ctx, earlier.test_id, now - REPLAY_MS)).toReversed();
  const definition = definitionOf(earlier);
  const [oldest] = runs;
  const created_at = earlier.created_at ?? new Date(oldest?.at ?? now).toISOString();
  const next = definition.status === 'active' ? new Date(now + definition.interval_seconds * 1000).toISOString() : null;
  await ctx.database.db.transaction().execute(async (tx) => {
    const made = await tx
      .insertInto('monitor')
      .values({ ...definition, created_at })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returning('id')
      .executeTakeFirst();
    if (made === undefined) return;
    await tx.insertInto('monitor_state').values({ test_id: earlier.test_id, next_run_at: next }).execute();
    await appendEvent(tx, MONITORS_TOPIC, [{ type: 'monitor.created', test_id: earlier.test_id }]);
    if (runs.length === 0) return;
    const stale_ms = staleMs(definition.interval_seconds * 1000, TIMEOUT_MS);
    const state = { side: null, recent: [], last_at: null };
    const snapshot = { test_id: earlier.test_id, alert: DEFAULT_ALERT, parent_id: null, stale_ms, state, now_ms: now };
    await saveStates(tx, [await replay(tx, { snapshot, last_run_at: null, last_run_id: null, last_result: null }, runs)]);
  });
  await noteLastRuns(ctx, [earlier]);
  ctx.hub.publish([MONITORS_TOPIC]);
}

/** What others wrote about the last runs of monitors that are known, where it is newer. */
async function noteLastRuns(ctx: CoreContext, monitors: readonly EarlierMonitor[]): Promise<void> {
  const told = monitors.filter((monitor) => monitor.last_run_at !== null && monitor.last_result !== null);
  if (told.length === 0) return;
  await sql`
    update monitor_state s set last_result = i.last_result, last_run_at = i.last_run_at
    from unnest(${told.map((monitor) => monitor.test_id)}::text[], ${told.map((monitor) => monitor.last_result)}::text[],
      ${told.map((monitor) => monitor.last_run_at)}::timestamptz[]) as i(test_id, last_result, last_run_at)
    where s.test_id = i.test_id and (s.last_run_at is null or s.last_run_at < i.last_run_at)`.execute(ctx.database.db);
}

/** Takes over one monitor of an earlier deployment; false when there is none of this id. */
export async function adoptMonitor(ctx: CoreContext, testId: string): Promise<boolean> {
  const found = (await ctx.runs.earlier?.find(testId)) ?? null;
  if (found === null) return false;
  await insertMonitor(ctx, found);
  return true;
}

/** Takes over every monitor an earlier deployment left in the store of the history. Idempotent. */
export async function adoptMonitors(ctx: CoreContext): Promise<void> {
  if (ctx.runs.earlier === null) return;
  for await (const page of ctx.runs.earlier.list()) {
    const rows = await ctx.database.db
      .selectFrom('monitor')
      .select('id')
      .where(
        'id',
        'in',
        page.map((monitor) => monitor.test_id),
      )
      .execute();
    const known = new Set(rows.map((row) => row.id));
    await noteLastRuns(
      ctx,
      page.filter((monitor) => known.has(monitor.test_id)),
    );
    for (const monitor of page) if (!known.has(monitor.test_id)) await insertMonitor(ctx, monitor);
  }
}

interface Look {
  readonly running: Promise<void> | null;
  readonly next_at: number;
  readonly took_ms: number;
}

const looks = new WeakMap<CoreContext['runs'], Look>();

/**
 * For lists of monitors: has what others wrote to the store taken over, when the last look is long enough ago. Waits for it only
 * where it is quick.
 */
export async function keepAdopted(ctx: CoreContext): Promise<void> {
  if (ctx.runs.earlier === null) return;
  const last = looks.get(ctx.runs) ?? { running: null, next_at: 0, took_ms: 0 };
  let { running } = last;
  if (running === null && performance.now() >= last.next_at) {
    const began = performance.now();
    running = adoptMonitors(ctx)
      .catch((error: unknown) => ctx.log.warn({ err: error }, 'monitors of an earlier deployment could not be looked for'))
      .finally(() => {
        const took_ms = performance.now() - began;
        looks.set(ctx.runs, { running: null, next_at: performance.now() + Math.max(MIN_REST_MS, took_ms * REST_PER_LOOK), took_ms });
      });
    looks.set(ctx.runs, { ...last, running });
  }
  if (running !== null && last.took_ms <= PATIENCE_MS) await running;
}
