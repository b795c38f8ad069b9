import { Link } from '@tanstack/react-router';
import { LoaderCircle } from 'lucide-react';
import type { Monitor, OpenRun } from '@tidemark/core/monitors/contract';
import { Tags } from '../../ui/chip.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { PageHeader } from '../../ui/page.tsx';
import { monitorLook, Status } from '../../ui/status.tsx';
import { Elapsed, FullMoment, Moment } from '../../ui/time.tsx';
import { Actions } from './actions-bar.tsx';
import { kindOf, scheduleOf, targetOf } from './words.ts';

interface HeadlineProps {
  monitor: Monitor;
  /** Since when it is in its state; undefined while that is read. */
  since: string | null | undefined;
  openRuns: readonly OpenRun[];
}

function Next({ monitor }: { monitor: Monitor }) {
  if (monitor.status === 'paused') return <span>not scheduled while paused</span>;
  if (monitor.type === 'heartbeat')
    return (
      <span>
        ping due <Moment at={monitor.next_run_at} />
      </span>
    );
  return (
    <span>
      next run <Moment at={monitor.next_run_at} />
    </span>
  );
}

/** Is it fine, since when, and what happens next. */
export function Headline({ monitor, since, openRuns }: HeadlineProps) {
  return (
    <PageHeader
      title={
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <Status look={monitorLook(monitor)} className="font-semibold [&_svg]:size-5" />
          {since !== null && since !== undefined && (
            <span className="text-base font-normal text-ink-soft">
              for <Elapsed ms={null} since={since} />
            </span>
          )}
          <span className="min-w-0 font-normal break-words">{monitor.name}</span>
        </span>
      }
      lead={
        <span className="flex flex-col gap-1">
          <span className="flex min-w-0 flex-wrap items-center gap-x-1">
            <span className="text-ink-mute">{kindOf(monitor)}</span>
            <span className="min-w-0 font-mono text-xs break-all">{targetOf(monitor)}</span>
            {monitor.url !== null && <CopyButton value={monitor.url} label="Copy address" />}
            <Tags tags={monitor.tags} />
          </span>
          <span className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
            <span>
              last run <FullMoment at={monitor.last_run_at} />
            </span>
            <Next monitor={monitor} />
            <span>{scheduleOf(monitor)}</span>
            {openRuns.map((run) => (
              <Link
                key={run.run_id}
                to="/monitors/$id/runs/$runId"
                params={{ id: monitor.id, runId: run.run_id }}
                className="inline-flex items-center gap-1.5 font-medium text-blue underline underline-offset-3"
              >
                <LoaderCircle aria-hidden className="spin-slow size-4" /> Running now
              </Link>
            ))}
          </span>
        </span>
      }
    >
      <Actions monitor={monitor} />
    </PageHeader>
  );
}
