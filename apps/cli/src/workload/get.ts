import type { Command } from 'commander';
import type { Attempt } from '@tidemark/core/workloads/contract';
import { formatDuration } from '../duration.ts';
import type { Cli, Session } from '../session.ts';
import { plain, renderFields, renderTable, type Column } from '../table.ts';
import type { WorkloadDetail } from './answers.ts';
import { styleStatus } from './status-style.ts';

export function addGet(workload: Command, session: Session): void {
  workload
    .command('get')
    .description('show one workload with its attempts')
    .argument('<id>', 'id of the workload')
    .option('--output', 'print only its output')
    .addHelpText(
      'after',
      `
Examples:
  $ tidemark workload get wl_0mb1q2c3d4e5f6g7h8j9
  $ tidemark workload get wl_0mb1q2c3d4e5f6g7h8j9 --output > output.txt
  $ tidemark workload get wl_0mb1q2c3d4e5f6g7h8j9 --json | jq .exit_code`,
    )
    .action(session.action<{ output?: boolean }>(get));
}

async function get(cli: Cli, call: { args: readonly string[]; options: { output?: boolean } }): Promise<void> {
  const workload = await cli.client.workloads.get.query({ id: call.args[0] ?? '' });
  if (cli.isJson) return cli.terminal.json(workload);
  if (call.options.output === true) return cli.terminal.data(workload.output ?? '');
  await cli.terminal.data(renderFields(fields(cli, workload)));
  if (workload.attempts.length > 0) await cli.terminal.data(`\n${renderTable(ATTEMPT_COLUMNS, workload.attempts)}`);
  if (workload.output !== null && workload.output !== '') {
    const cut = workload.output_truncated ? ' (its middle was cut)' : '';
    await cli.terminal.data(`\noutput${cut}:\n${workload.output}${workload.output.endsWith('\n') ? '' : '\n'}`);
  }
}

function fields(cli: Cli, workload: WorkloadDetail): [string, string | null][] {
  const reason = workload.status_reason === null ? '' : ` (${workload.status_reason})`;
  return [
    ['id', workload.id],
    ['status', `${styleStatus(cli.terminal, workload.status)}${reason}`],
    ['waiting', textOrNull(workload.wait_reason)],
    ['kind', plain(workload.kind)],
    ['isolation', workload.isolation],
    ['queue', plain(workload.queue)],
    ['priority', String(workload.priority)],
    ['labels', pairs(workload.labels)],
    ['needs labels', pairs(workload.required_labels)],
    ['attempt', `${workload.attempt} of ${workload.max_attempts}`],
    ['lost leases', workload.lease_losses === 0 ? null : `${workload.lease_losses} of ${workload.max_lease_losses}`],
    ['worker', textOrNull(workload.worker_id)],
    ['progress', progressText(workload)],
    ['exit code', workload.exit_code === null ? null : String(workload.exit_code)],
    ['signal', textOrNull(workload.signal)],
    ['error', textOrNull(workload.error)],
    ['duration', workload.duration_ms === null ? null : formatDuration(workload.duration_ms)],
    ['timeout', workload.timeout_ms === null ? null : formatDuration(workload.timeout_ms)],
    ['run at', workload.run_at],
    ['created', workload.created_at],
    ['started', workload.started_at],
    ['cancel asked', workload.cancel_requested_at],
    ['finished', workload.finished_at],
    ['payload', plain(JSON.stringify(workload.payload ?? null))],
  ];
}

const ATTEMPT_COLUMNS: readonly Column<Attempt>[] = [
  { title: 'ATTEMPT', value: (attempt) => String(attempt.attempt), align: 'right' },
  { title: 'OUTCOME', value: (attempt) => attempt.outcome ?? 'running' },
  { title: 'EXIT', value: (attempt) => attempt.signal ?? (attempt.exit_code === null ? '-' : String(attempt.exit_code)) },
  { title: 'DURATION', value: (attempt) => (attempt.duration_ms === null ? '-' : formatDuration(attempt.duration_ms)), align: 'right' },
  { title: 'WORKER', value: (attempt) => attempt.worker_id ?? '-' },
  { title: 'ERROR', value: (attempt) => attempt.error ?? '' },
];

function progressText({ progress }: WorkloadDetail): string | null {
  if (progress === null) return null;
  const { done, total, message } = progress;
  const count = done === undefined ? null : `${done}${total === undefined ? '' : ` of ${total}`}`;
  return [count, message === undefined ? null : plain(message)].filter((part) => part !== null).join(', ') || null;
}

function pairs(labels: Readonly<Record<string, string>>): string | null {
  const text = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  return text.length === 0 ? null : plain(text.join(' '));
}

function textOrNull(value: string | null): string | null {
  return value === null ? null : plain(value);
}
