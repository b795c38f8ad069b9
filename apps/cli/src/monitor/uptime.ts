import type { Command } from 'commander';
import { integerArgument } from '../arguments.ts';
import type { Cli, Session } from '../session.ts';
import { renderFields } from '../table.ts';

interface UptimeOptions {
  hours?: number;
  explain?: boolean;
}

export function addUptime(monitor: Command, session: Session): void {
  monitor
    .command('uptime')
    .description('show the uptime of a monitor, by runs and by time')
    .argument('<id>', 'id of the monitor')
    .option('--hours <number>', 'how far to look back, 1 to 720 (default: 24)', integerArgument)
    .option('--explain', 'say why the figures are what they are')
    .addHelpText(
      'after',
      `
Examples:
  $ tidemark monitor uptime tst_0mb1q2c3d4e5f6g7h8j9
  $ tidemark monitor uptime tst_0mb1q2c3d4e5f6g7h8j9 --hours 720 --explain`,
    )
    .action(session.action<UptimeOptions>(uptime));
}

async function uptime(cli: Cli, call: { args: readonly string[]; options: UptimeOptions }): Promise<void> {
  const { hours, explain } = call.options;
  const input = { test_id: call.args[0] ?? '', ...(hours === undefined ? {} : { hours }) };
  if (explain === true) {
    const explained = await cli.client.monitors.explain.query(input);
    if (cli.isJson) return cli.terminal.json(explained);
    return cli.terminal.data(explained.sentences.map((sentence) => `${sentence}\n`).join(''));
  }
  const figures = await cli.client.monitors.uptime.query(input);
  if (cli.isJson) return cli.terminal.json(figures);
  const time = figures.time_weighted.uptime_pct;
  await cli.terminal.data(
    renderFields([
      ['uptime', figures.has_data ? `${figures.uptime_pct.toFixed(1)} %` : 'no data'],
      ['runs', `${figures.passed_runs} of ${figures.total_runs} passed`],
      ['by time', time === null ? 'no data' : `${(Math.floor(time * 1000 + 1e-8) / 1000).toFixed(3)} %`],
      ['coverage', `${figures.coverage_pct} %`],
      ['window', `${figures.from} to ${figures.to}`],
    ]),
  );
}
