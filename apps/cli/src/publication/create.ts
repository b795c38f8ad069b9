import type { Command } from 'commander';
import type { Cli, Session } from '../session.ts';

interface CreateOptions {
  at?: string;
  campaign?: string;
  idempotencyKey?: string;
}

export function addCreate(publication: Command, session: Session): void {
  publication
    .command('create')
    .description('publish a clip on an account of a platform, now or at a time')
    .argument('<clip>', 'id of the clip')
    .argument('<platform>', 'instagram, tiktok, youtube, or any other name')
    .argument('<account>', 'the social account')
    .option('--at <time>', 'when, such as 2026-12-01T12:00:00Z (default: as soon as possible)')
    .option('--campaign <id>', 'the campaign it belongs to')
    .option('--idempotency-key <key>', 'the same key and arguments create it once')
    .addHelpText(
      'after',
      `
Examples:
  $ tidemark publication create clip_0mb1q2c3d4e5f6g7h8j9 tiktok acme
  $ tidemark publication create clip_0mb1q2c3d4e5f6g7h8j9 youtube acme --at 2026-12-01T12:00:00Z --campaign cmp_0mb1q2c3d4`,
    )
    .action(session.action<CreateOptions>(create));
}

async function create(cli: Cli, call: { args: readonly string[]; options: CreateOptions }): Promise<void> {
  const [clip_id = '', platform = '', social_account_id = ''] = call.args;
  const { at, campaign, idempotencyKey } = call.options;
  const made = await cli.client.publishing.publications.create.mutate({
    clip_id,
    platform,
    social_account_id,
    ...(at === undefined ? {} : { scheduled_for: at }),
    ...(campaign === undefined ? {} : { campaign_id: campaign }),
    ...(idempotencyKey === undefined ? {} : { idempotency_key: idempotencyKey }),
  });
  await (cli.isJson ? cli.terminal.json(made) : cli.terminal.data(`${made.id}\n`));
}
