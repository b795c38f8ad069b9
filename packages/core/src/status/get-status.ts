import { byUrgency, countStates, listPublicMonitors } from '../monitors/index.ts';
import type { CoreContext, RunBucket } from '../ports/index.ts';
import { uptimePct } from '../uptime/index.ts';
import type { PublicMonitor, PublicStatus, PublicStatusInput } from './contract.ts';
import { listOpenOutages, publicState } from './public-state.ts';
import { summarize } from './summarize.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** Day buckets of all monitors at once: one read, whatever their number. */
async function readDays(ctx: CoreContext, ids: readonly string[], days: number): Promise<Map<string, RunBucket[]>> {
  const now = ctx.now();
  const range = { bucket_seconds: 86_400 as const, from: now - days * DAY_MS + 1, to: now + 1 };
  return Map.groupBy(await ctx.runs.buckets.list(ids, range), (row) => row.test_id);
}

function pctOf(counts: { total: number; passed: number }): number | null {
  return counts.total === 0 ? null : uptimePct(counts.passed, counts.total);
}

/** The data of a public status page. Monitors that are not marked public are not counted and not named. */
export async function getPublicStatus(ctx: CoreContext, input: PublicStatusInput): Promise<PublicStatus> {
  const monitors = await listPublicMonitors(ctx);
  const ids = monitors.map((monitor) => monitor.id);
  const now = ctx.now();
  const [days, outages, counts] = await Promise.all([
    readDays(ctx, ids, Math.max(30, input.days)),
    listOpenOutages(ctx.database.db),
    ctx.runs.countRuns(ids, { from: now - 24 * HOUR_MS, to: now + 1 }),
  ]);
  const shown = monitors.map((monitor, index): PublicMonitor => {
    const rows = days.get(monitor.id) ?? [];
    const month = rows.filter((row) => Date.parse(row.bucket_at) > now - 30 * DAY_MS);
    const sum = month.reduce((total, row) => ({ total: total.total + row.total, passed: total.passed + row.passed }), {
      total: 0,
      passed: 0,
    });
    const open = outages.find((outage) => outage.test_id === monitor.id);
    return {
      id: monitor.id,
      name: monitor.name,
      state: publicState(monitor.state, open),
      last_run_at: monitor.last_run_at,
      uptime_24h_pct: pctOf(counts[index] ?? { total: 0, passed: 0 }),
      uptime_30d_pct: pctOf(sum),
      days: rows
        .filter((row) => Date.parse(row.bucket_at) > now - input.days * DAY_MS)
        .map((row) => ({ day: row.bucket_at.slice(0, 10), total_runs: row.total, passed_runs: row.passed, uptime_pct: pctOf(row) })),
      outage: open === undefined ? null : { opened_at: open.opened_at, acknowledged_at: open.acknowledged_at },
    };
  });
  const by_state = countStates(shown);
  const isUp = shown.length > 0 && by_state.up === shown.length;
  return {
    state: by_state.down > 0 ? 'down' : isUp ? 'up' : 'unknown',
    by_state,
    ...summarize(shown),
    timezone: 'UTC',
    generated_at: new Date(now).toISOString(),
    monitors: shown.toSorted(byUrgency),
  };
}
