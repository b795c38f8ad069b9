import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { formatCount, formatDuration, shortId, UNKNOWN } from '../../lib/format.ts';
import { cn } from '../../ui/class-names.ts';
import { Labels } from '../../ui/chip.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Fact, Facts, Panel } from '../../ui/page.tsx';
import { Elapsed, FullMoment } from '../../ui/time.tsx';
import type { WorkloadDetail } from './summary.ts';

interface WorkloadProps {
  workload: WorkloadDetail;
}

function Vital({ name, children, isBad = false }: { name: string; children: ReactNode; isBad?: boolean }) {
  return (
    <div className="flex min-w-28 flex-1 flex-col px-4 py-2">
      <dt className="text-xs text-ink-mute">{name}</dt>
      <dd className={cn('font-medium', isBad && 'text-red')}>{children}</dd>
    </div>
  );
}

function exitText(workload: WorkloadDetail): string {
  if (workload.signal !== null) return workload.signal;
  return workload.exit_code === null ? UNKNOWN : String(workload.exit_code);
}

/** Time from creation to the first start: how long it waited; growing while it still does. */
function Waited({ workload }: WorkloadProps) {
  const first = workload.attempts.at(0)?.started_at ?? workload.started_at;
  const isWaiting = first === null && workload.status === 'pending';
  const ms = first === null ? null : Math.max(0, Date.parse(first) - Date.parse(workload.created_at));
  return <Elapsed ms={ms} since={isWaiting ? workload.created_at : null} />;
}

/** The figures one looks for first, in one row. */
export function Vitals({ workload }: WorkloadProps) {
  return (
    <dl className="panel flex flex-wrap divide-line sm:divide-x">
      <Vital name="Created">
        <FullMoment at={workload.created_at} />
      </Vital>
      <Vital name="Waited">
        <Waited workload={workload} />
      </Vital>
      <Vital name={workload.status === 'running' ? 'Running for' : 'Ran'}>
        <Elapsed ms={workload.duration_ms} since={workload.status === 'running' ? workload.started_at : null} />
      </Vital>
      <Vital name="Attempt">
        {workload.attempt === 0 ? UNKNOWN : formatCount(workload.attempt)} of {formatCount(workload.max_attempts)}
      </Vital>
      <Vital
        name={workload.signal === null ? 'Exit code' : 'Ended by'}
        isBad={workload.signal !== null || (workload.exit_code !== null && workload.exit_code !== 0)}
      >
        {exitText(workload)}
      </Vital>
      <Vital name="Worker">
        {workload.worker_id === null ? (
          <span className="text-ink-mute">{UNKNOWN}</span>
        ) : (
          <Link to="/workers/$id" params={{ id: workload.worker_id }} title={workload.worker_id} className="link font-mono text-xs">
            {shortId(workload.worker_id)}
          </Link>
        )}
      </Vital>
    </dl>
  );
}

/** Why it failed, readable without scrolling. */
export function ErrorPanel({ workload }: WorkloadProps) {
  if (workload.error === null) return null;
  return (
    <section aria-label="Error" className="relative rounded-lg border border-red/60 bg-surface">
      <pre
        role="region"
        aria-label="Error text"
        tabIndex={0}
        className="max-h-56 overflow-auto px-4 py-3 pr-12 font-mono text-xs/5 break-words whitespace-pre-wrap text-red -outline-offset-2"
      >
        {workload.error}
      </pre>
      <div className="absolute top-1.5 right-2">
        <CopyButton value={workload.error} label="Copy error" />
      </div>
    </section>
  );
}

function Times({ workload }: WorkloadProps) {
  const times = [
    ['Not before', workload.run_at],
    ['Started', workload.started_at],
    ['Cancel requested', workload.cancel_requested_at],
    ['Finished', workload.finished_at],
    ['Must start by', workload.start_deadline_at],
    ['Must finish by', workload.deadline_at],
  ] as const;
  return times.map(([name, at]) =>
    at === null ? null : (
      <Fact key={name} name={name}>
        <FullMoment at={at} />
      </Fact>
    ),
  );
}

export function WorkloadFacts({ workload }: WorkloadProps) {
  return (
    <Panel title="Details">
      <Facts>
        <Fact name="Kind">{workload.kind}</Fact>
        <Fact name="Isolation">{workload.isolation}</Fact>
        <Fact name="Queue">
          <Link to="/workloads" search={{ queue: workload.queue }} className="link">
            {workload.queue}
          </Link>
        </Fact>
        <Fact name="Priority">{workload.priority}</Fact>
        <Times workload={workload} />
        {workload.timeout_ms !== null && <Fact name="Time limit">{formatDuration(workload.timeout_ms)} an attempt</Fact>}
        {workload.lease_losses > 0 && (
          <Fact name="Lost workers">
            {workload.lease_losses} of {workload.max_lease_losses} allowed
          </Fact>
        )}
        {workload.keys_scanned !== null && <Fact name="Keys scanned">{formatCount(workload.keys_scanned)}</Fact>}
        {workload.concurrency_key !== null && <Fact name="One at a time by">{workload.concurrency_key}</Fact>}
        {workload.idempotency_key !== null && (
          <Fact name="Idempotency key">
            <span className="font-mono text-xs break-all">{workload.idempotency_key}</span>
          </Fact>
        )}
        <Fact name="Labels">
          <span className="flex flex-wrap gap-1">
            <Labels labels={workload.labels} />
            {Object.keys(workload.labels).length === 0 && <span className="text-ink-mute">none</span>}
          </span>
        </Fact>
        {Object.keys(workload.required_labels).length > 0 && (
          <Fact name="Needs a worker with">
            <span className="flex flex-wrap gap-1">
              <Labels labels={workload.required_labels} />
            </span>
          </Fact>
        )}
      </Facts>
    </Panel>
  );
}
