import { Option, type Command } from 'commander';
import { BUCKETS, type Bucket, type Estimate, type ThroughputPoint, type WorkerRate } from '@tidemark/core/history/contract';
import { formatDuration } from '../duration.ts';
import type { Cli, Session } from '../session.ts';
import { plain, renderFields, renderTable, type Column } from '../table.ts';
import { formatRate } from './rate.ts';

interface ThroughputOptions {
  /** Not `--type`: that is the agent's own, and the parent command would take it. */
  workerType?: string;
  job?: string;
  bucket: Bucket;
  from?: string;
  to?: string;
}

export function addThroughput(worker: Command, session: Session): void {
  worker
    .command('throughput')
    .description('keys per second over time, of all workers, one worker, a type or a job')
    .argument('[id]', 'only this worker')
    .option('--worker-type <type>', 'only workers of this type')
    .option('--job <id>', 'only this job, with when it will be done')
    .addOption(new Option('--bucket <length>', 'length of a line').choices(BUCKETS).default('minute'))
    .option('--from <time>', 'start (default: 60 buckets before the end)')
    .option('--to <time>', 'end (default: now)')
    .addHelpText(
      'after',
      `
Examples:
  $ tidemark worker throughput
  $ tidemark worker throughput wk_0mb1q2c3d4e5f6g7h8j9 --bucket second
  $ tidemark worker throughput --job wl_0mb1q2c3d4e5f6g7h8j9 --json | jq .estimate.eta_at`,
    )
    .action(session.action<ThroughputOptions>(throughput));
}

async function throughput(cli: Cli, call: { args: readonly string[]; options: ThroughputOptions }): Promise<void> {
  const { workerType: type, job, bucket, from, to } = call.options;
  const [id] = call.args;
  const answer = await cli.client.workers.throughput.query({
    bucket,
    ...(id === undefined ? {} : { worker_id: id }),
    ...(type === undefined ? {} : { worker_type: type }),
    ...(job === undefined ? {} : { job_id: job }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  });
  if (cli.isJson) return cli.terminal.json(answer);
  const filled = answer.points.filter((point) => point.sample_count > 0);
  if (filled.length === 0) await cli.terminal.message('Nothing was reported in this time.');
  else await cli.terminal.data(renderTable(POINTS, filled));
  if (answer.workers.length > 0) await cli.terminal.data(`\n${renderTable(WORKERS, answer.workers)}`);
  if (answer.estimate !== null) await cli.terminal.data(`\n${renderEstimate(answer.estimate)}`);
}

const POINTS: readonly Column<ThroughputPoint>[] = [
  { title: 'FROM', value: (point) => point.at },
  { title: 'KEYS', value: (point) => String(point.keys_scanned ?? '-'), align: 'right' },
  { title: 'KEYS/S', value: (point) => formatRate(point.keys_per_second), align: 'right' },
  { title: 'MEAN', value: (point) => formatRate(point.mean_keys_per_second), align: 'right' },
  { title: 'MAX', value: (point) => formatRate(point.max_keys_per_second), align: 'right' },
  { title: 'REPORTS', value: (point) => String(point.sample_count), align: 'right' },
];

const WORKERS: readonly Column<WorkerRate>[] = [
  { title: 'WORKER', value: (rate) => rate.worker_id },
  { title: 'NAME', value: (rate) => plain(rate.name) },
  { title: 'TYPE', value: (rate) => rate.worker_type },
  { title: 'KEYS/S', value: (rate) => formatRate(rate.keys_per_second), align: 'right' },
  { title: 'MEDIAN', value: (rate) => formatRate(rate.type_median_keys_per_second), align: 'right' },
  { title: 'NOTE', value: (rate) => (rate.is_slow ? 'slow' : '-') },
];

function renderEstimate(estimate: Estimate): string {
  return renderFields([
    ['done', `${estimate.done} of ${estimate.total}`],
    ['rate', estimate.keys_per_second === null ? null : `${formatRate(estimate.keys_per_second)} keys/s`],
    ['left', estimate.eta_seconds === null ? 'not known yet' : formatDuration(estimate.eta_seconds * 1000)],
    ['done at', estimate.eta_at],
  ]);
}
