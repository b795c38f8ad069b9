import type { Selectable } from 'kysely';
import type { MonitorStateTable, MonitorTable } from '../db/index.ts';
import { isInMaintenance, type MaintenanceRow } from '../maintenance/index.ts';
import { staleMs } from '../outages/index.ts';
import { intervalMs } from '../schedules/index.ts';
import type { Step } from '../steps/contract.ts';
import { AlertPolicy, type Monitor } from './contract.ts';

export type MonitorRow = Selectable<MonitorTable> &
  Pick<Selectable<MonitorStateTable>, 'next_run_at' | 'last_result' | 'last_run_at' | 'last_run_id' | 'side'>;

export const STATE_COLUMNS = ['state.next_run_at', 'state.last_result', 'state.last_run_at', 'state.last_run_id', 'state.side'] as const;

/** What decides over the state shown: planned work, and the time. */
export interface Surroundings {
  readonly maintenance: readonly MaintenanceRow[];
  readonly now_ms: number;
}

/** What a state is worked out from. */
export type StateRow = Pick<
  MonitorRow,
  'id' | 'tags' | 'status' | 'side' | 'last_run_at' | 'interval_seconds' | 'cron' | 'timezone' | 'timeout_ms' | 'retries'
>;

export function stateOf(row: StateRow, { maintenance, now_ms: nowMs }: Surroundings): Monitor['state'] {
  if (row.status === 'paused') return 'paused';
  if (isInMaintenance(maintenance, row, nowMs)) return 'maintenance';
  if (row.side === null || row.last_run_at === null) return 'unknown';
  const isStale = Date.parse(row.last_run_at) + staleMs(intervalMs(row, nowMs), row.timeout_ms * (row.retries + 1)) < nowMs;
  return isStale ? 'unknown' : row.side;
}

/** The monitor as the contract shows it. */
export function toMonitor(row: MonitorRow, surroundings: Surroundings): Monitor {
  return {
    id: row.id,
    name: row.name,
    type: row.type,
    url: row.url,
    steps: JSON.parse(row.steps) as Step[],
    interval_seconds: row.interval_seconds,
    cron: row.cron,
    timezone: row.timezone,
    grace_seconds: row.grace_seconds,
    timeout_ms: row.timeout_ms,
    retries: row.retries,
    status: row.status,
    tags: row.tags,
    public: row.is_public,
    alert: AlertPolicy.parse(row.alert),
    degraded_ms: row.degraded_ms,
    slo_target_pct: row.slo_target_pct,
    parent_id: row.parent_id,
    ping_key: row.ping_key,
    state: stateOf(row, surroundings),
    last_result: row.last_result,
    last_run_at: row.last_run_at,
    last_run_id: row.last_run_id,
    next_run_at: row.next_run_at,
    created_at: row.created_at,
    updated_at: row.updated_at,
  };
}
