import type { Selectable, Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { addToBuckets } from '../runs/index.ts';
import { Dice } from './dice.ts';
import { insertRows } from './insert-rows.ts';
import { definitionRow, ONCALL_CHANNEL, OPS_CHANNEL } from './monitor-catalog.ts';
import type { CountsBefore, MonitorPlan, RunRow } from './plan-monitor.ts';
import type { Span } from './span.ts';

interface Moment {
  readonly span: Span;
  /** The history of monitors is kept in the database; elsewhere it keeps its own counts. */
  readonly has_history: boolean;
}

const flag = (value: boolean): number => (value ? 1 : 0);

interface Counted {
  rows: (RunRow & CountsBefore)[];
  total: number;
  failed: number;
  degraded: number;
  spent: number;
}

/** Runs in order, each with the counts before it, and the counts of all. */
function countUp(runs: readonly RunRow[]): Counted {
  const sums = { total: 0, failed: 0, degraded: 0, spent: 0 };
  const rows = runs.map((run) => {
    const { total: total_before, failed: failed_before, degraded: degraded_before, spent: duration_ms_before } = sums;
    sums.total += 1;
    sums.failed += flag(!run.passed);
    sums.degraded += flag(run.is_degraded);
    sums.spent += run.duration_ms;
    return { ...run, total_before, failed_before, degraded_before, flaky_before: 0, duration_ms_before };
  });
  return { rows, ...sums };
}

function stateRow(
  plan: MonitorPlan,
  due: string | null,
  { total, failed, degraded, spent }: Counted,
): Selectable<Database['monitor_state']> {
  const last = plan.runs.at(-1);
  return {
    test_id: plan.entry.id,
    next_run_at: plan.entry.paused_since === undefined ? due : null,
    last_result: last === undefined ? null : last.passed ? 'passed' : 'failed',
    last_run_at: last?.started_at ?? null,
    last_run_id: last?.run_id ?? null,
    side: plan.state.side,
    recent: JSON.stringify(plan.state.recent),
    run_total: total,
    failed_total: failed,
    counted_from: '-infinity',
    counted_until: last?.started_at ?? '-infinity',
    counted_total: total,
    counted_failed: failed,
    counted_degraded: degraded,
    counted_flaky: 0,
    counted_duration_ms: spent,
  };
}

function deltaOf(run: RunRow) {
  const counts = { total: 1, passed: flag(run.passed), degraded: flag(run.is_degraded), flaky: 0, excluded: 0 };
  return { test_id: run.test_id, at: Date.parse(run.started_at), ...counts, duration_ms: run.duration_ms };
}

async function saveRuns(tx: Transaction<Database>, plan: MonitorPlan, { rows }: Counted): Promise<void> {
  await insertRows(tx, 'run', rows);
  await insertRows(tx, 'run_detail', plan.details);
  await addToBuckets(tx, plan.runs.map(deltaOf));
}

async function saveOne(tx: Transaction<Database>, plan: MonitorPlan, at: Moment & { due: string | null }): Promise<void> {
  const { span } = at;
  const counted = countUp(at.has_history ? plan.runs : []);
  await insertRows(tx, 'monitor_state', [stateRow(plan, at.due, counted)]);
  if (at.has_history) await saveRuns(tx, plan, counted);
  await insertRows(
    tx,
    'state_segment',
    plan.segments.map((segment) => ({
      test_id: plan.entry.id,
      from_at: span.iso(segment.from),
      to_at: segment.to === null ? null : span.iso(segment.to),
      state: segment.state,
    })),
  );
  await insertRows(tx, 'outage', plan.outages);
  const { paused_since: since } = plan.entry;
  if (since === undefined) return;
  const span_id = new Dice(span, 'pause').id('span', span.now - since);
  const from_at = span.iso(span.now - since);
  await insertRows(tx, 'excluded_span', [{ id: span_id, test_id: plan.entry.id, kind: 'paused', from_at, created_at: from_at }]);
}

/** What the channels heard of the outages: each its opening, and its end. */
function deliveriesOf(plans: readonly MonitorPlan[], span: Span): Partial<Selectable<Database['delivery']>>[] {
  const dice = new Dice(span, 'deliveries');
  return plans
    .flatMap((plan) => plan.outages)
    .flatMap((outage) => {
      const told = [
        { kind: 'opened', at: outage.confirmed_at },
        ...(outage.resolved_at === null ? [] : [{ kind: 'resolved', at: outage.resolved_at }]),
      ];
      return told.map(({ kind, at }) => {
        const queued = Date.parse(at);
        const delivered_at = span.iso(queued + dice.whole(300, 1800));
        const subject = { channel_id: ONCALL_CHANNEL, outage_id: outage.id, test_id: outage.test_id, kind };
        return { id: dice.id('dlv', queued), ...subject, status: 'delivered' as const, attempts: 1, created_at: at, delivered_at };
      });
    });
}

/** Writes the monitors of a demo with their runs, roll-ups, timelines, outages and notices. With a target they are due from now on. */
export async function saveMonitors(
  tx: Transaction<Database>,
  plans: readonly MonitorPlan[],
  at: Moment & { target: string | null },
): Promise<void> {
  const target = at.target ?? 'http://127.0.0.1:9';
  const { span } = at;
  const created_at = span.iso(span.from);
  const channel = (id: string, name: string, path: string) => ({
    id,
    name,
    type: 'webhook' as const,
    config: JSON.stringify({ url: `${target}${path}` }),
    created_at,
    updated_at: created_at,
  });
  await insertRows(tx, 'channel', [
    channel(ONCALL_CHANNEL, 'On call (demo)', '/hooks/oncall'),
    channel(OPS_CHANNEL, 'Operations (demo)', '/hooks/ops'),
  ]);
  await insertRows(
    tx,
    'monitor',
    plans.map((plan) => definitionRow(plan.entry, target, created_at)),
  );
  const due = at.target === null ? null : span.iso(span.now);
  for (const plan of plans) await saveOne(tx, plan, { ...at, due });
  await insertRows(tx, 'delivery', deliveriesOf(plans, span));
}
