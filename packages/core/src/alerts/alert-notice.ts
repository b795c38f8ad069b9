import type { CoreContext, Notice } from '../ports/index.ts';
import type { NoticeKind } from './contract.ts';

/** An alert of a publishing threshold, with the limit that was crossed. */
interface AlertSubject {
  readonly id: string;
  readonly threshold_id: string;
  readonly name: string;
  readonly metric: string;
  readonly platform_key: string | null;
  readonly is_upper: boolean;
  readonly warn: number | null;
  readonly crit: number | null;
  readonly level: 'warn' | 'crit';
  readonly opened_at: string;
  readonly escalated_at: string | null;
  readonly resolved_at: string | null;
  readonly first_value: number;
  readonly worst_value: number;
  readonly last_value: number | null;
}

/** An alert as it is now; null when its threshold is gone. */
export async function readAlert(ctx: CoreContext, id: string): Promise<AlertSubject | null> {
  const row = await ctx.database.db
    .selectFrom('publishing_alert as a')
    .innerJoin('publishing_threshold as t', 't.id', 'a.threshold_id')
    .select(['a.id', 'a.threshold_id', 't.name', 't.metric', 't.platform_key', 't.is_upper', 't.warn', 't.crit', 'a.level'])
    .select(['a.opened_at', 'a.escalated_at', 'a.resolved_at', 'a.first_value', 'a.worst_value', 'a.last_value'])
    .where('a.id', '=', id)
    .executeTakeFirst();
  return row ?? null;
}

/** What a delivery says of an alert as it is now: a first notice that comes after the end tells of both at once. */
export function alertNotice(alert: AlertSubject, kind: NoticeKind): Notice {
  const of = alert.platform_key === null ? alert.metric : `${alert.metric} of ${alert.platform_key}`;
  const limit = (alert.level === 'crit' ? alert.crit : alert.warn) ?? alert.warn ?? alert.crit;
  const data = { alert: { ...alert, platform: alert.platform_key } };
  if (alert.resolved_at !== null) {
    const isLate = kind !== 'resolved';
    const value = alert.last_value === null ? 'nothing to measure' : String(alert.last_value);
    return {
      type: 'threshold.resolved',
      timestamp: alert.resolved_at,
      title: `${alert.name} ${isLate ? 'was beyond its limit and ' : ''}is back within its limit`,
      text: `${of} is ${value}; it was beyond ${limit} from ${alert.opened_at} to ${alert.resolved_at}, ${alert.worst_value} at worst.`,
      data: { ...data, is_late: isLate },
    };
  }
  const word = alert.level === 'crit' ? 'critical' : 'a warning';
  return {
    type: kind === 'escalated' ? 'threshold.escalated' : 'threshold.opened',
    timestamp: (kind === 'escalated' ? alert.escalated_at : null) ?? alert.opened_at,
    title: `${alert.name} is ${word}`,
    text: `${of} is ${alert.last_value ?? alert.first_value}, the limit is ${alert.is_upper ? 'below' : 'above'} ${limit}. Beyond it since ${alert.opened_at}.`,
    data,
  };
}
