import { AppError, notFound } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import type { Slo } from './contract.ts';
import { overlaysOf } from './get-uptime.ts';
import { readSources } from './read-sources.ts';
import { timeWeighted } from './time-weighted.ts';

const HOUR_MS = 3_600_000;
const WINDOW_HOURS = 720;

/** Share of bad runs in the last hours against the share the target allows; null without runs. **Source:** burn rate as in SRE practice. */
async function burnRate(ctx: CoreContext, testId: string, of: { hours: number; target_pct: number }): Promise<number | null> {
  const to = ctx.now() + 1;
  const [counts] = await ctx.runs.countRuns([testId], { from: to - of.hours * HOUR_MS, to });
  const { total, passed } = counts ?? { total: 0, passed: 0 };
  return total === 0 ? null : (total - passed) / total / (1 - of.target_pct / 100);
}

/** The error budget of the last 30 days. @throws {AppError} NOT_FOUND, CONFLICT for a monitor without a target */
export async function getSlo(ctx: CoreContext, input: { test_id: string }): Promise<Slo> {
  const monitor = await ctx.database.db.selectFrom('monitor').select('slo_target_pct').where('id', '=', input.test_id).executeTakeFirst();
  if (monitor === undefined) throw notFound('monitor', input.test_id);
  const target_pct = monitor.slo_target_pct;
  if (target_pct === null)
    throw new AppError('CONFLICT', 'This monitor has no target; set slo_target_pct.', {
      issues: [{ path: 'slo_target_pct', message: 'is not set' }],
    });
  const to = ctx.now() + 1;
  const sources = await readSources(ctx, input.test_id, { from: to - WINDOW_HOURS * HOUR_MS, to });
  const time = timeWeighted(sources.segments, overlaysOf(sources.spans), sources.window);
  const [hour, sixHours, threeDays] = await Promise.all([1, 6, 72].map((hours) => burnRate(ctx, input.test_id, { hours, target_pct })));
  const budget_ms = Math.round(time.eligible_ms * (1 - target_pct / 100));
  return {
    test_id: input.test_id,
    target_pct,
    window_hours: WINDOW_HOURS,
    uptime_pct: time.uptime_pct,
    budget_ms,
    remaining_ms: budget_ms - time.down_ms,
    burn_rate_1h: hour ?? null,
    burn_rate_6h: sixHours ?? null,
    burn_rate_3d: threeDays ?? null,
  };
}
