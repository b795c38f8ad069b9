import type { Command } from 'commander';
import { formatDuration } from './duration.ts';
import type { Cli, Session } from './session.ts';
import { renderFields } from './table.ts';

interface StatsOptions {
  from?: string;
  to?: string;
  kind?: string;
  queue?: string;
}

export function addStats(program: Command, session: Session): void {
  program
    .command('stats')
    .description('count workloads by status and isolation')
    .option('--from <time>', 'created at this time or later')
    .option('--to <time>', 'created before this time')
    .option('--kind <kind>', 'only this kind')
    .option('--queue <name>', 'only this queue')
    .addHelpText(
      'after',
      `
Examples:
  $ tidemark stats
  $ tidemark stats --kind command --from 2026-01-31T00:00:00Z
  $ tidemark stats --json | jq .by_status.failed`,
    )
    .action(session.action<StatsOptions>(stats));
}

async function stats(cli: Cli, call: { options: StatsOptions }): Promise<void> {
  const { from, to, kind, queue } = call.options;
  const answer = await cli.client.workloads.stats.query({
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(kind === undefined ? {} : { kind }),
    ...(queue === undefined ? {} : { queue }),
  });
  if (cli.isJson) return cli.terminal.json(answer);
  const counts = (entries: Readonly<Record<string, number>>): [string, string][] =>
    Object.entries(entries).map(([name, count]) => [`  ${name}`, String(count)]);
  await cli.terminal.data(
    renderFields([
      ['total', String(answer.total)],
      ...counts(answer.by_status),
      ['by isolation', ''],
      ...counts(answer.by_isolation),
      ['average duration', formatDuration(answer.avg_duration_ms)],
    ]),
  );
}
