import { PUBLICATION_STATUSES, SUB_STATUSES } from '@tidemark/core/publications/contract';
import type { RouterOutputs } from '@tidemark/api';

const NOTHING = { items: [], next_cursor: null };
const now = new Date().toISOString();

/** What a server says on which nothing has happened yet. What is not in here is asked of the server: the thing itself that a page is about. */
const EMPTY = {
  channels: { list: NOTHING },
  dashboard: {
    get: { total_tests: 0, active_tests: 0, paused_tests: 0, passing: 0, failing: 0, pending: 0, open_outages: 0, recent_runs: [] },
  },
  deliveries: { list: NOTHING },
  events: { list: NOTHING },
  failures: { list: NOTHING },
  keys: { list: NOTHING },
  monitors: {
    list: { ...NOTHING, total: 0, by_state: null },
    exclusions: { items: [] },
    openRuns: { items: [] },
    outages: NOTHING,
    results: { test_id: '', results: [], total: 0, limit: 20, offset: 0, next_cursor: null },
    series: { test_id: '', bucket: 'hour', points: [] },
    timeline: { test_id: '', from: now, to: now, state_since: null, cells: [], segments: [], excluded: [] },
    uptime: {
      test_id: '',
      uptime_pct: 100,
      total_runs: 0,
      passed_runs: 0,
      failed_runs: 0,
      window_hours: 24,
      from: now,
      to: now,
      has_data: false,
      uptime_ratio: null,
      coverage_pct: 0,
      degraded_runs: 0,
      flaky_runs: 0,
      excluded_runs: 0,
      avg_duration_ms: null,
      time_weighted: {
        uptime_pct: null,
        eligible_ms: 0,
        up_ms: 0,
        down_ms: 0,
        unknown_ms: 0,
        paused_ms: 0,
        maintenance_ms: 0,
        excluded_ms: 0,
        not_yet_ms: 86_400_000,
      },
    },
  },
  operations: { list: NOTHING, items: NOTHING },
  outages: { list: NOTHING },
  queues: { list: NOTHING },
  session: { list: NOTHING },
  users: { list: NOTHING },
  workers: {
    list: NOTHING,
    sessions: NOTHING,
    historyOf: NOTHING,
    throughput: { scope: 'fleet', bucket: 'minute', from: now, to: now, points: [], workers: [], estimate: null },
  },
  workloads: {
    list: NOTHING,
    causes: { items: [], total: 0, open: 0, failed: 0, is_whole: true },
    series: { bucket: 'minute', points: [] },
    stats: {
      total: 0,
      by_status: { pending: 0, running: 0, completed: 0, failed: 0, cancelled: 0 },
      by_isolation: { process: 0, isolate: 0, gvisor: 0, microvm: 0 },
      avg_duration_ms: 0,
    },
  },
} satisfies { [Noun in keyof RouterOutputs]?: Partial<RouterOutputs[Noun]> };

function none<Name extends string>(names: readonly Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
}

type Publishing = RouterOutputs['publishing'];
const EMPTY_PUBLISHING = {
  campaigns: {
    list: NOTHING,
    counts: { id: 'cmp_none', total: 0, by_status: none(PUBLICATION_STATUSES), failed_by_cause: none(SUB_STATUSES), is_whole: true },
  } satisfies Partial<Publishing['campaigns']>,
  clips: { list: NOTHING } satisfies Partial<Publishing['clips']>,
  platforms: { list: NOTHING, listAccounts: NOTHING } satisfies Partial<Publishing['platforms']>,
  publications: { list: NOTHING } satisfies Partial<Publishing['publications']>,
  stats: {
    campaigns: { draft: 0, active: 0, paused: 0, completed: 0, total_budget_spent: 0 },
    orchestrator: {
      last_run_at: null,
      actions_last_run: 0,
      actions_last_24h: 0,
      queue_saturation: 0,
      active_workers: 0,
      last_tick_at: null,
      last_tick_duration_ms: null,
      last_tick_dispatched: null,
      lag_seconds: null,
      slots_total: 0,
      slots_busy: 0,
    },
    queue: {
      pending: 0,
      processing: 0,
      success: 0,
      failed: 0,
      avg_processing_time_ms: null,
      oldest_pending_age_seconds: null,
      scheduled: 0,
      unconfirmed: 0,
      clock_skew: 0,
      sample_count: 0,
    },
    series: { bucket: 'hour', points: [] },
  } satisfies Partial<Publishing['stats']>,
};

/** The answer to a procedure by its path; undefined when the server has to be asked. */
export function emptyAnswer(path: string): unknown {
  let part: unknown = { ...EMPTY, publishing: EMPTY_PUBLISHING };
  for (const name of path.split('.')) {
    if (typeof part !== 'object' || part === null) return undefined;
    part = Object.entries(part).find(([key]) => key === name)?.[1];
  }
  return part;
}

/** Somebody who may look and do nothing. */
export const VIEWER: RouterOutputs['session']['get'] = {
  state: 'signed_in',
  role: 'viewer',
  sees_payloads: false,
  user: {
    id: 'usr_gallery',
    email: 'grace@example.com',
    name: 'Grace',
    role: 'viewer',
    sees_payloads: false,
    version: 1,
    has_password: true,
    created_at: now,
    disabled_at: null,
    last_sign_in_at: null,
  },
  session_id: 'ses_gallery',
  is_setup_needed: false,
  sign_in_methods: ['password'],
  live_position: null,
};
