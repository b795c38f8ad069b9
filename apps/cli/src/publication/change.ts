import type { Command } from 'commander';
import { changeEach } from '../change-each.ts';
import type { Cli, Session } from '../session.ts';
import { describePublication } from './describe.ts';

interface RetryOptions {
  notPublished?: boolean;
}

export function addChanges(publication: Command, session: Session): void {
  publication
    .command('cancel')
    .description('take publications back before they are sent')
    .argument('<id...>', 'ids of the publications')
    .addHelpText(
      'after',
      `
Examples:
  $ tidemark publication cancel pub_0mb1q2c3d4e5f6g7h8j9`,
    )
    .action(session.action(cancel));
  publication
    .command('retry')
    .description('publish failed or cancelled publications again')
    .argument('<id...>', 'ids of the publications')
    .option('--not-published', 'somebody looked: those whose outcome is not known are not there')
    .addHelpText(
      'after',
      `
Examples:
  $ tidemark publication retry pub_0mb1q2c3d4e5f6g7h8j9
  $ tidemark publication retry pub_0mb1q2c3d4e5f6g7h8j9 --not-published`,
    )
    .action(session.action<RetryOptions>(retry));
}

function cancel(cli: Cli, call: { args: readonly string[] }): Promise<number> {
  return changeEach(cli, call.args, { ask: (id) => cli.client.publishing.publications.cancel.mutate({ id }), line: describePublication });
}

function retry(cli: Cli, call: { args: readonly string[]; options: RetryOptions }): Promise<number> {
  const confirmed_not_published = call.options.notPublished === true;
  return changeEach(cli, call.args, {
    ask: (id) => cli.client.publishing.publications.retry.mutate({ id, confirmed_not_published }),
    line: describePublication,
  });
}
