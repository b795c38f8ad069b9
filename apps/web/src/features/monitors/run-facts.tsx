import { Link } from '@tanstack/react-router';
import type { Run } from '@tidemark/core/runs/contract';
import { formatCount, shortId } from '../../lib/format.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Fact, Facts, Panel } from '../../ui/page.tsx';
import { FullMoment } from '../../ui/time.tsx';

interface RunFactsProps {
  runId: string;
  workloadId: string | null;
  run: Run | undefined;
  startedAt: string | null;
  triggeredBy: string | undefined;
}

/** The small print of a run. */
export function RunFacts({ runId, workloadId, run, startedAt, triggeredBy }: RunFactsProps) {
  return (
    <Panel title="Details">
      <Facts>
        <Fact name="Run">
          <span className="inline-flex items-center gap-1 font-mono text-xs">
            {shortId(runId)} <CopyButton value={runId} label="Copy id" />
          </span>
        </Fact>
        <Fact name="Started">
          <FullMoment at={startedAt} />
        </Fact>
        {run !== undefined && (
          <Fact name="Ended">
            <FullMoment at={run.completed_at} />
          </Fact>
        )}
        <Fact name="Started by">{triggeredBy ?? 'unknown'}</Fact>
        {run?.attempts !== undefined && (
          <Fact name="Tries">
            {formatCount(run.attempts)}
            {run.is_flaky === true && <span className="text-amber"> passed only at the last</span>}
          </Fact>
        )}
        {run?.is_excluded === true && (
          <Fact name="Counts">
            <span className="text-violet">no, a person excluded it</span>
          </Fact>
        )}
        {workloadId !== null && (
          <Fact name="Workload">
            <Link to="/workloads/$id" params={{ id: workloadId }} className="link font-mono text-xs">
              {shortId(workloadId)}
            </Link>
          </Fact>
        )}
        {run?.worker_id !== undefined && run.worker_id !== null && (
          <Fact name="Worker">
            <Link to="/workers/$id" params={{ id: run.worker_id }} className="link font-mono text-xs">
              {shortId(run.worker_id)}
            </Link>
          </Fact>
        )}
      </Facts>
    </Panel>
  );
}
