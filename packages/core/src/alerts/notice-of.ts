import type { Selectable } from 'kysely';
import type { OutageTable } from '../db/index.ts';
import type { Notice } from '../ports/index.ts';
import type { NoticeKind } from './contract.ts';

export interface NoticeSubject {
  readonly kind: NoticeKind;
  readonly outage: Selectable<OutageTable>;
  readonly monitor: { readonly id: string; readonly name: string; readonly url: string | null };
}

function minutes(from: string, to: string): string {
  const seconds = Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000));
  if (seconds < 120) return `${seconds} s`;
  const whole = Math.round(seconds / 60);
  return whole < 120 ? `${whole} min` : `${Math.floor(whole / 60)} h ${whole % 60} min`;
}

function dataOf({ outage, monitor }: NoticeSubject): Record<string, unknown> {
  const { id, status, opened_at, confirmed_at, acknowledged_at, resolved_at, failed_runs, first_run_id, last_run_id, error, reopen_count } =
    outage;
  const { resolution, resolved_by } = outage;
  return {
    outage: {
      id,
      test_id: monitor.id,
      status,
      opened_at,
      confirmed_at,
      acknowledged_at,
      resolved_at,
      failed_runs,
      first_run_id,
      last_run_id,
      error,
      reopen_count,
      resolution,
      resolved_by,
    },
    monitor,
  };
}

/**
 * What a delivery says, from the outage as it is now. A first notice that comes after the recovery tells of both at once, with the
 * true times; nobody is told of an outage that is over as if it went on.
 */
export function noticeOf(subject: NoticeSubject): Notice {
  const { kind, outage, monitor } = subject;
  const data = dataOf(subject);
  const where = monitor.url === null ? '' : `\n${monitor.url}`;
  const why = outage.error === null ? '' : `\n${outage.error}`;
  if (outage.resolved_at !== null && kind !== 'flapping') {
    const lasted = minutes(outage.opened_at, outage.resolved_at);
    const isLate = kind !== 'resolved';
    const by = outage.resolution === 'manual' ? ` Closed by ${outage.resolved_by ?? 'somebody'}.` : '';
    const end = outage.resolution === 'manual' ? 'was closed by hand' : 'is up again';
    const text = `It was down from ${outage.opened_at} to ${outage.resolved_at} (${lasted}, ${outage.failed_runs} failed runs).${by}${where}${why}`;
    return {
      type: 'outage.resolved',
      timestamp: outage.resolved_at,
      title: `${monitor.name} ${isLate ? 'was down and ' : ''}${end}`,
      text,
      data: { ...data, is_late: isLate },
    };
  }
  if (kind === 'reminder') {
    return {
      type: 'outage.reminder',
      timestamp: outage.opened_at,
      title: `${monitor.name} is still down`,
      text: `Down since ${outage.opened_at}, ${outage.failed_runs} failed runs.${where}${why}`,
      data,
    };
  }
  if (kind === 'flapping') {
    return {
      type: 'outage.flapping',
      timestamp: outage.last_failed_at,
      title: `${monitor.name} is flapping`,
      text: `It went down ${outage.reopen_count + 1} times since ${outage.opened_at}.${where}${why}`,
      data,
    };
  }
  return {
    type: 'outage.opened',
    timestamp: outage.opened_at,
    title: `${monitor.name} is down`,
    text: `Down since ${outage.opened_at}.${where}${why}`,
    data,
  };
}

/** What *send test* sends. It names the channel and tells nothing of its settings, which hold secrets. */
export function testNotice({ id, name }: { id: string; name: string }, at: string): Notice {
  const text = `This is a test of the channel "${name}". Nothing is wrong.`;
  return { type: 'channel.test', timestamp: at, title: 'Test notice', text, data: { channel: { id, name } } };
}
