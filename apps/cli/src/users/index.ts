import { Option, type Command } from 'commander';
import { USER_ROLES, type User, type UserRole } from '@tidemark/core/users/contract';
import { integerArgument, readSource } from '../arguments.ts';
import { changeEach } from '../change-each.ts';
import { printPages, type PageOptions } from '../pages.ts';
import type { Cli, Session } from '../session.ts';
import { plain, type Column } from '../table.ts';

interface CreateOptions {
  email: string;
  role: UserRole;
  name?: string;
}

const COLUMNS: readonly Column<User>[] = [
  { title: 'ID', value: (user) => user.id },
  { title: 'EMAIL', value: (user) => plain(user.email) },
  { title: 'ROLE', value: (user) => user.role },
  { title: 'STATE', value: (user) => (user.disabled_at === null ? 'enabled' : 'disabled') },
  { title: 'SIGNED IN', value: (user) => user.last_sign_in_at ?? 'never' },
];

export function addUsers(program: Command, session: Session): void {
  const users = program.command('users').description('add, list and disable people (needs the role admin)').helpCommand(false);
  users
    .command('create')
    .description('add a person; the password comes from standard input')
    .requiredOption('--email <address>', 'what they sign in with')
    .addOption(new Option('--role <role>', 'what they may do').choices(USER_ROLES).makeOptionMandatory())
    .option('--name <name>', 'how they are called')
    .addHelpText('after', '\nExamples:\n  $ printf %s "$PASSWORD" | tidemark users create --email ada@example.com --role operator')
    .action(session.action<CreateOptions>(create));
  users
    .command('list')
    .description('list people')
    .option('--limit <number>', 'how many on a page, 1 to 500 (default: 100)', integerArgument)
    .option('--cursor <cursor>', 'go on after an earlier page')
    .option('--all', 'every page')
    .addHelpText('after', '\nExamples:\n  $ tidemark users list --all')
    .action(session.action<PageOptions>(list));
  for (const [name, is_disabled] of [
    ['disable', true],
    ['enable', false],
  ] as const) {
    users
      .command(name)
      .description(is_disabled ? 'let people in no more and end their sessions' : 'let people in again')
      .argument('<id...>', 'ids of the people')
      .addHelpText('after', `\nExamples:\n  $ tidemark users ${name} usr_0mb1q2c3d4e5f6g7h8j9`)
      .action(session.action((cli, call) => change(cli, call.args, is_disabled)));
  }
  users.addHelpText(
    'after',
    `
Examples:
  $ printf %s "$PASSWORD" | tidemark users create --email ada@example.com --role operator
  $ tidemark users list
  $ tidemark users disable usr_0mb1q2c3d4e5f6g7h8j9`,
  );
}

async function create(cli: Cli, call: { options: CreateOptions }): Promise<void> {
  const password = (await readSource(cli.terminal.io, '<password>', '-')).replace(/\r?\n$/, '');
  const user = await cli.client.users.create.mutate({ ...call.options, password });
  await (cli.isJson ? cli.terminal.json(user) : cli.terminal.data(`${user.id}\n`));
}

async function list(cli: Cli, call: { options: PageOptions }): Promise<void> {
  await printPages(cli, call.options, {
    columns: COLUMNS,
    read: (page) => cli.client.users.list.query(page),
    empty: 'Nobody has an account yet. Open the link the server printed at its start.',
  });
}

function change(cli: Cli, ids: readonly string[], isDisabled: boolean): Promise<number> {
  return changeEach(cli, ids, {
    ask: (id) => cli.client.users.update.mutate({ id, is_disabled: isDisabled }),
    line: (user) => `${user.id} ${isDisabled ? 'disabled' : 'enabled'}`,
  });
}
