import {
  Ban,
  Check,
  Circle,
  CircleArrowDown,
  CircleDashed,
  CircleDot,
  CircleHelp,
  Clock,
  ExternalLink,
  Hourglass,
  LoaderCircle,
  OctagonAlert,
  PauseCircle,
  RotateCcw,
  Square,
  TriangleAlert,
  Unlink,
  UserCheck,
  Wrench,
  X,
} from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { Delivery } from '@tidemark/core/alerts/contract';
import type { Monitor, MonitorState } from '@tidemark/core/monitors/contract';
import type { OutageStatus } from '@tidemark/core/outages/contract';
import type { Run } from '@tidemark/core/runs/contract';
import type { Liveness } from '@tidemark/core/workers/contract';
import type { AttemptOutcome, StatusReason, WorkloadStatus } from '@tidemark/core/workloads/contract';
import { cn } from './class-names.ts';

export type Tone = 'blue' | 'green' | 'amber' | 'red' | 'grey' | 'violet';

/** A state is always an icon's shape, a word and a colour, never the colour alone. */
export interface Look {
  icon: LucideIcon;
  word: string;
  tone: Tone;
  isMoving?: boolean;
}

export const TONE_TEXT: Record<Tone, string> = {
  blue: 'text-blue',
  green: 'text-green',
  amber: 'text-amber',
  red: 'text-red',
  grey: 'text-ink-mute',
  violet: 'text-violet',
};

export const STATUS_LOOK: Record<WorkloadStatus, Look> = {
  pending: { icon: Circle, word: 'Pending', tone: 'grey' },
  running: { icon: LoaderCircle, word: 'Running', tone: 'blue', isMoving: true },
  completed: { icon: Check, word: 'Completed', tone: 'green' },
  failed: { icon: X, word: 'Failed', tone: 'red' },
  cancelled: { icon: Ban, word: 'Cancelled', tone: 'grey' },
};

const REASON_LOOK: Record<StatusReason, Look> = {
  queued: { icon: Circle, word: 'Queued', tone: 'grey' },
  scheduled: { icon: Clock, word: 'Scheduled', tone: 'violet' },
  retry_backoff: { icon: RotateCcw, word: 'Retrying', tone: 'amber' },
  released: { icon: Circle, word: 'Handed back', tone: 'grey' },
  lease_expired: { icon: Unlink, word: 'Worker lost', tone: 'amber' },
  held: { icon: PauseCircle, word: 'Held', tone: 'amber' },
  leased: { icon: LoaderCircle, word: 'Starting', tone: 'blue', isMoving: true },
  executing: { icon: LoaderCircle, word: 'Running', tone: 'blue', isMoving: true },
  cancelling: { icon: Ban, word: 'Cancelling', tone: 'amber' },
  external: { icon: ExternalLink, word: 'Running elsewhere', tone: 'blue' },
  error: { icon: X, word: 'Failed', tone: 'red' },
  timeout: { icon: Hourglass, word: 'Timed out', tone: 'red' },
  expired: { icon: Hourglass, word: 'Expired', tone: 'red' },
  quarantined: { icon: OctagonAlert, word: 'Quarantined', tone: 'red' },
  requested: { icon: Ban, word: 'Cancelled', tone: 'grey' },
  unconfirmed: { icon: CircleHelp, word: 'Cancelled, unconfirmed', tone: 'amber' },
};

export const OUTCOME_LOOK: Record<AttemptOutcome, Look> = {
  completed: STATUS_LOOK.completed,
  failed: STATUS_LOOK.failed,
  timeout: REASON_LOOK.timeout,
  released: REASON_LOOK.released,
  lease_expired: REASON_LOOK.lease_expired,
  cancelled: STATUS_LOOK.cancelled,
  unconfirmed: { icon: CircleHelp, word: 'Unconfirmed', tone: 'amber' },
  revoked: { icon: CircleDashed, word: 'Revoked', tone: 'grey' },
};

export const LIVENESS_LOOK: Record<Liveness, Look> = {
  online: { icon: CircleDot, word: 'Online', tone: 'green' },
  late: { icon: TriangleAlert, word: 'Late', tone: 'amber' },
  lost: { icon: Unlink, word: 'Lost', tone: 'red' },
  draining: { icon: CircleArrowDown, word: 'Draining', tone: 'violet' },
  stopped: { icon: Square, word: 'Stopped', tone: 'grey' },
};

export const MONITOR_LOOK: Record<MonitorState, Look> = {
  down: { icon: X, word: 'Down', tone: 'red' },
  unknown: { icon: CircleDashed, word: 'Unknown', tone: 'amber' },
  maintenance: { icon: Wrench, word: 'Maintenance', tone: 'violet' },
  up: { icon: Check, word: 'Up', tone: 'green' },
  paused: { icon: PauseCircle, word: 'Paused', tone: 'grey' },
};

/** One that never ran is not yet unknown: its first run is due. */
export function monitorLook(monitor: Pick<Monitor, 'state' | 'last_run_at'>): Look {
  if (monitor.state === 'unknown' && monitor.last_run_at === null) return { icon: Circle, word: 'First run due', tone: 'grey' };
  return MONITOR_LOOK[monitor.state];
}

export const OUTAGE_LOOK: Record<OutageStatus, Look> = {
  open: { icon: X, word: 'Open', tone: 'red' },
  acknowledged: { icon: UserCheck, word: 'Acknowledged', tone: 'amber' },
  resolved: { icon: Check, word: 'Resolved', tone: 'green' },
};

export const DELIVERY_LOOK: Record<Delivery['status'], Look> = {
  queued: { icon: Clock, word: 'Queued', tone: 'amber' },
  sending: { icon: LoaderCircle, word: 'Sending', tone: 'blue', isMoving: true },
  delivered: { icon: Check, word: 'Delivered', tone: 'green' },
  failed: { icon: X, word: 'Not delivered', tone: 'red' },
};

const PASSED: Look = { icon: Check, word: 'Passed', tone: 'green' };
const FAILED: Look = { icon: X, word: 'Failed', tone: 'red' };
const SLOW: Look = { icon: TriangleAlert, word: 'Slow', tone: 'amber' };
const FLAKY: Look = { icon: RotateCcw, word: 'Flaky', tone: 'amber' };

/** How a run of a monitor ended. */
export function runLook(run: Pick<Run, 'passed' | 'is_degraded' | 'is_flaky'>): Look {
  if (!run.passed) return FAILED;
  if (run.is_degraded === true) return SLOW;
  return run.is_flaky === true ? FLAKY : PASSED;
}

export function workloadLook(status: WorkloadStatus, reason: StatusReason | null): Look {
  return reason === null ? STATUS_LOOK[status] : REASON_LOOK[reason];
}

export function StatusIcon({ look, className }: { look: Look; className?: string }) {
  const Icon = look.icon;
  return (
    <Icon
      aria-hidden
      className={cn('size-4 shrink-0', TONE_TEXT[look.tone], look.isMoving === true && 'spin-slow', className)}
      strokeWidth={2.25}
    />
  );
}

export function Status({ look, className }: { look: Look; className?: string }) {
  return (
    <span className={cn('inline-flex items-center gap-1.5 align-middle font-medium whitespace-nowrap', TONE_TEXT[look.tone], className)}>
      <StatusIcon look={look} />
      {look.word}
    </span>
  );
}
