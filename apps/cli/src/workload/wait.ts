import { formatDuration } from '../duration.ts';
import { workloadExitCode } from '../exit-code.ts';
import { Interruption } from '../interruption.ts';
import type { Cli } from '../session.ts';
import { plain } from '../table.ts';
import type { WorkloadDetail } from './answers.ts';
import { followWorkload } from './follow.ts';
import { LiveOutput } from './live-output.ts';

/** Shows a workload's output until it is final and answers the exit code it stands for. Ctrl-C leaves the workload alone. */
export async function waitForWorkload(cli: Cli, target: { id: string; reconnectForMs: number }): Promise<number> {
  using interruption = new Interruption();
  const output = new LiveOutput(cli.terminal, cli.isJson ? 'stderr' : 'stdout');
  try {
    const workload = await followWorkload(cli, { ...target, onEvent: (event) => output.show(event), signal: interruption.signal });
    await output.finish(workload);
    if (cli.isJson) await cli.terminal.json(workload);
    else await tellEnd(cli, workload);
    return workloadExitCode(workload);
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    await cli.terminal.message(
      `Stopped waiting; the workload goes on. See it with "tidemark workload tail ${target.id}", end it with "tidemark workload cancel ${target.id}".`,
    );
    return interruption.exitCode;
  }
}

/** A person is told how it ended when that is not plain success; success is silent, as it is for any command. */
async function tellEnd(cli: Cli, workload: WorkloadDetail): Promise<void> {
  if (workload.output_truncated) {
    await cli.terminal.message('The output was longer than what is kept; its middle is missing.');
  }
  if (workload.status === 'completed') return;
  const parts = [
    `Workload ${workload.id} ${workload.status === 'failed' ? 'failed' : 'was cancelled'}`,
    workload.status_reason === null || workload.status_reason === 'error' ? null : `(${workload.status_reason})`,
    workload.duration_ms === null ? null : `after ${formatDuration(workload.duration_ms)}`,
    workload.exit_code === null ? null : `with exit code ${workload.exit_code}`,
    workload.signal === null ? null : `by ${plain(workload.signal)}`,
  ].filter((part) => part !== null);
  await cli.terminal.message(`${parts.join(' ')}${workload.error === null ? '.' : `: ${plain(workload.error)}`}`);
}
