import type { Sighting } from '../failures/index.ts';
import type { MonitorPlan } from './plan-monitor.ts';
import type { PublishingPlan } from './plan-publishing.ts';
import type { WorkloadPlan } from './plan-workloads.ts';

interface Plans {
  readonly plan: WorkloadPlan;
  readonly kindOf: (lane: number) => string;
  readonly monitors: readonly MonitorPlan[];
  readonly publishing: PublishingPlan;
}

/** The failures of a demo, as folding their logs would tell them. */
export function failuresOf({ plan, kindOf, monitors, publishing }: Plans): Sighting[] {
  const workloads = plan.workloads.flatMap((row): Sighting[] => {
    if (row.status !== 'failed') return [];
    const text = row.error ?? 'Its workers were lost too often.';
    return [{ domain: 'workload', subject: kindOf(row.lane_id), text, at: Date.parse(row.finished_at ?? ''), ref: row.id }];
  });
  const runs = monitors.flatMap((monitor) =>
    monitor.runs.flatMap((run): Sighting[] =>
      run.passed
        ? []
        : [{ domain: 'monitor', subject: run.test_id, text: run.error ?? '', at: Date.parse(run.started_at), ref: run.run_id }],
    ),
  );
  const publications = publishing.publications.flatMap(({ last }): Sighting[] =>
    last.status === 'failed'
      ? [{ domain: 'publication', subject: last.platform_key, text: last.error ?? '', at: Date.parse(last.updated_at), ref: last.id }]
      : [],
  );
  return [...workloads, ...runs, ...publications];
}
