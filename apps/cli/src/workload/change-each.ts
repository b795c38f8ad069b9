import { describeFailure, toCommandError } from '../failure.ts';
import type { Cli } from '../session.ts';
import type { WorkloadAnswer } from './answers.ts';

/**
 * Asks for the same change of each workload and prints what became of it. One refusal does not keep the others from being asked;
 * the exit code is that of the first refusal. As JSON: the workload for one id, an array of them for several.
 */
export async function changeEach(cli: Cli, ids: readonly string[], change: (id: string) => Promise<WorkloadAnswer>): Promise<number> {
  const only = ids.length === 1 ? ids[0] : undefined;
  if (only !== undefined) {
    await show(cli, await change(only));
    return 0;
  }
  const changed: WorkloadAnswer[] = [];
  let exitCode = 0;
  for (const id of ids) {
    try {
      const workload = await change(id);
      changed.push(workload);
      if (!cli.isJson) await show(cli, workload);
    } catch (error) {
      const failure = toCommandError(error, cli.url);
      exitCode ||= failure.exitCode;
      await cli.terminal.message(
        cli.isJson
          ? JSON.stringify(failure.body)
          : `${cli.terminal.errorStyle(['red', 'bold'], 'error:')} ${id}: ${describeFailure(failure.body).join('\n')}`,
      );
      if (failure.body.code === 'UNAVAILABLE') break;
    }
  }
  if (cli.isJson) await cli.terminal.json(changed);
  return exitCode;
}

async function show(cli: Cli, workload: WorkloadAnswer): Promise<void> {
  if (cli.isJson) return cli.terminal.json(workload);
  const reason = workload.status_reason === null ? '' : ` (${workload.status_reason})`;
  await cli.terminal.data(`${workload.id} ${workload.status}${reason}\n`);
}
