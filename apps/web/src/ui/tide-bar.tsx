import type { WorkloadStatus } from '@tidemark/core/workloads/contract';
import { namesOf } from '../lib/search-values.ts';
import { ShareBar } from './share-bar.tsx';

const STATUSES = namesOf<WorkloadStatus>({ pending: true, running: true, completed: true, failed: true, cancelled: true });
const FILL: Record<WorkloadStatus, string> = {
  pending: 'bg-line-strong',
  running: 'bg-blue',
  completed: 'bg-green/70',
  failed: 'bg-red',
  cancelled: 'bg-line',
};

/** How many workloads are in each status, as one thin line. */
export function TideBar({ counts, className }: { counts: Record<WorkloadStatus, number> | undefined; className?: string }) {
  const shares = STATUSES.map((status) => ({ key: status, count: counts?.[status] ?? 0, fill: FILL[status] }));
  return <ShareBar shares={shares} {...(className === undefined ? {} : { className })} />;
}
