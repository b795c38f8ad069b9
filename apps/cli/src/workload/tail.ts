import type { Command } from 'commander';
import type { StreamEvent } from '@tidemark/core/events/contract';
import { Interruption } from '../interruption.ts';
import { readServerClock } from '../server-clock.ts';
import type { Cli, Session } from '../session.ts';
import { followWorkload } from './follow.ts';
import { LiveOutput } from './live-output.ts';
import { reconnectOption } from './submit.ts';

interface TailOptions {
  /** Undefined when neither form of the option was given. */
  fromStart?: boolean;
  reconnectFor: number;
}

export function addTail(workload: Command, session: Session): void {
  workload
    .command('tail')
    .description('show the output of a workload and follow it until the workload ends')
    .argument('<id>', 'id of the workload')
    .option('--from-start', 'begin with the output so far (the default)')
    .option('--no-from-start', 'only what is written from now on')
    .addOption(reconnectOption())
    .addHelpText(
      'after',
      `
Examples:
  $ tidemark workload tail wl_0mb1q2c3d4e5f6g7h8j9
  $ tidemark workload tail wl_0mb1q2c3d4e5f6g7h8j9 --no-from-start
  $ tidemark workload tail wl_0mb1q2c3d4e5f6g7h8j9 --json | jq .type

With --json every event is one line of JSON.`,
    )
    .action(session.action<TailOptions>(tail));
}

async function tail(cli: Cli, call: { args: readonly string[]; options: TailOptions }): Promise<number> {
  using interruption = new Interruption();
  const id = call.args[0] ?? '';
  const output = new LiveOutput(cli.terminal);
  const isFromStart = call.options.fromStart !== false;
  const isWanted = isFromStart ? () => true : await sinceNow(cli);
  const onEvent = async (event: StreamEvent): Promise<void> => {
    if (!isWanted(event)) return;
    if (cli.isJson) await cli.terminal.data(`${JSON.stringify(event)}\n`);
    else await output.show(event);
  };
  try {
    const workload = await followWorkload(cli, { id, reconnectForMs: call.options.reconnectFor, onEvent, signal: interruption.signal });
    if (!cli.isJson && isFromStart) await output.finish(workload);
    return 0;
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    return interruption.exitCode;
  }
}

/** Accepts what was logged from this second on, by the server's clock. */
async function sinceNow(cli: Cli): Promise<(event: StreamEvent) => boolean> {
  const clock = await readServerClock(cli.url);
  const from = clock?.now_ms ?? Date.now();
  return (event) => Date.parse(event.created_at) >= from;
}
