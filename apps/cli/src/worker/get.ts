import type { Command } from 'commander';
import type { Cli, Session } from '../session.ts';
import { plain, renderFields } from '../table.ts';
import { styleLiveness } from './liveness-style.ts';

export function addGet(worker: Command, session: Session): void {
  worker
    .command('get')
    .description('show one worker')
    .argument('<id>', 'id of the worker')
    .addHelpText(
      'after',
      `
Examples:
  $ tidemark worker get wk_0mb1q2c3d4e5f6g7h8j9
  $ tidemark worker get wk_0mb1q2c3d4e5f6g7h8j9 --json`,
    )
    .action(session.action(get));
}

async function get(cli: Cli, call: { args: readonly string[] }): Promise<void> {
  const worker = await cli.client.workers.get.query({ id: call.args[0] ?? '' });
  if (cli.isJson) return cli.terminal.json(worker);
  const labels = Object.entries(worker.labels).map(([name, value]) => `${name}=${value}`);
  const held = worker.held_jobs.length === 0 ? null : worker.held_jobs.join(' ');
  await cli.terminal.data(
    renderFields([
      ['id', worker.id],
      ['name', plain(worker.name)],
      ['liveness', styleLiveness(cli.terminal, worker.liveness)],
      ['type', plain(worker.worker_type)],
      ['version', plain(worker.version)],
      ['host', worker.host === null ? null : plain(worker.host)],
      ['slots', `${worker.slots_used} of ${worker.slots} used`],
      ['isolation', worker.isolations.join(', ')],
      ['kinds', plain(worker.kinds.join(', '))],
      ['queues', plain(worker.queues.join(', '))],
      ['labels', labels.length === 0 ? null : plain(labels.join(' '))],
      ['clock skew', worker.clock_skew_ms === null ? null : `${worker.clock_skew_ms}ms`],
      ['asked to drain', worker.drain_requested ? 'yes' : null],
      ['quarantined', worker.quarantined ? 'yes' : null],
      ['slow', worker.is_slow ? 'yes: under half of the median of its type' : null],
      ['stuck jobs', worker.stuck_jobs.length === 0 ? null : worker.stuck_jobs.join(' ')],
      [worker.liveness === 'lost' ? 'held when lost' : 'holds', held],
      ['session', String(worker.session)],
      ['registered', worker.registered_at],
      ['last seen', worker.last_heartbeat_at],
      ['stopped', worker.stopped_at],
    ]),
  );
}
