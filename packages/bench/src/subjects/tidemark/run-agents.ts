import type { ClaimedJob, ReportInput, ReportItem, ReportOutput } from '@tidemark/core/jobs/contract';
import type { Tally } from '../tally.ts';

export type ReportCall = (input: ReportInput) => Promise<ReportOutput>;

/** One agent with a call of its own: in process, or a connection to the server. */
export interface Agent {
  readonly worker_id: string;
  readonly report: ReportCall;
}

/** No work was left while another agent still held the last jobs: look again, but let the others go on. */
const LOOK_AGAIN_MS = 2;

function completionOf(job: ClaimedJob): ReportItem {
  return { op: 'complete', job_id: job.job_id, lease_epoch: job.lease_epoch, duration_ms: 0, exit_code: 0 };
}

export interface Progress {
  readonly tally: Tally;
  /** Counts completions the server has accepted, in the order of the answers. */
  completed: number;
  readonly problems: string[];
  onCompleted?: (completed: number) => void;
}

async function runAgent(agent: Agent, lease: number, progress: Progress): Promise<void> {
  let items: ReportItem[] = [];
  for (;;) {
    const { results, jobs } = await agent.report({ worker_id: agent.worker_id, items, claim: { max: lease } });
    for (const result of results) {
      if (result.ok) progress.completed += 1;
      else progress.problems.push(`a completion was refused: ${result.code ?? ''} ${result.message ?? ''}`);
    }
    progress.onCompleted?.(progress.completed);
    for (const job of jobs) progress.tally.take(job.job_id);
    items = jobs.map(completionOf);
    if (items.length > 0) continue;
    if (progress.tally.isFull) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

/** Agents that do nothing with a job but report it and take the next: every call completes and claims. */
export async function runAgents(agents: readonly Agent[], lease: number, progress: Progress): Promise<void> {
  await Promise.all(agents.map((agent) => runAgent(agent, lease, progress)));
}
