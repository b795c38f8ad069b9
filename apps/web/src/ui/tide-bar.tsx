import type { WorkloadStatus } from '@tidemark/core/workloads/contract';
import { namesOf } from '../lib/search-values.ts';
import { cn } from './class-names.ts';

const STATUSES = namesOf<WorkloadStatus>({ pending: true, running: true, completed: true, failed: true, cancelled: true });
const FILL: Record<WorkloadStatus, string> = {
  pending: 'bg-line-strong',
  running: 'bg-blue',
  completed: 'bg-green/70',
  failed: 'bg-red',
  cancelled: 'bg-line',
};

/** Shares of each status as one thin line. The numbers beside it say the same, so it is decoration to a reader. */
export function TideBar({ counts, className }: { counts: Record<WorkloadStatus, number> | undefined; className?: string }) {
  return (
    <div aria-hidden className={cn('flex h-1 gap-px bg-sunken', className)}>
      {STATUSES.map((status) => {
        const count = counts?.[status] ?? 0;
        return count === 0 ? null : <div key={status} className={cn('min-w-1', FILL[status])} style={{ flexGrow: count }} />;
      })}
    </div>
  );
}
