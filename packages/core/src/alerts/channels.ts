import { sql, type Selectable } from 'kysely';
import { decodeCursor, encodeCursor } from '../cursors.ts';
import type { ChannelTable } from '../db/index.ts';
import { AppError, notFound, validationError } from '../errors.ts';
import { newId } from '../ids.ts';
import type { CoreContext } from '../ports/index.ts';
import { type OverlappingSecret, previousOf } from '../sign-webhook.ts';
import {
  ChannelConfig,
  type Channel,
  type ChannelType,
  type CreateChannelInput,
  type ListChannelsInput,
  type ListChannelsOutput,
  type UpdateChannelInput,
} from './contract.ts';

type Config = Record<string, unknown>;

/** Fields of a configuration that are never shown. */
const SECRETS = ['secret', 'password', 'headers'] as const;
const HIDDEN: readonly string[] = [...SECRETS, 'previous_secret', 'previous_secret_until'];

/** @throws {AppError} VALIDATION naming the field below `config` */
function parseConfig(type: ChannelType, config: Config): Config {
  const parsed = ChannelConfig[type].safeParse(config);
  if (parsed.success) return parsed.data;
  const issues = validationError(parsed.error).issues?.map((issue) => ({ path: `config.${issue.path}`, message: issue.message })) ?? [];
  throw new AppError('VALIDATION', issues.map((issue) => `${issue.path}: ${issue.message}`).join('; '), { issues });
}

/** The address of a chat's webhook is its password: only the host of it is shown. */
function shownConfig(type: ChannelType, config: Config): Config {
  const shown = Object.fromEntries(Object.entries(config).filter(([name]) => !HIDDEN.includes(name)));
  const isChat = type === 'slack' || type === 'discord';
  return isChat && typeof config['url'] === 'string' ? { ...shown, url: `${new URL(config['url']).origin}/…` } : shown;
}

function toChannel(row: Selectable<ChannelTable>): Channel {
  const { config, ...fields } = row;
  const parsed = JSON.parse(config) as Config;
  return { ...fields, config: shownConfig(row.type, parsed), has_secret: SECRETS.some((name) => parsed[name] !== undefined) };
}

async function readChannel(ctx: CoreContext, id: string): Promise<Selectable<ChannelTable>> {
  const row = await ctx.database.db.selectFrom('channel').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw notFound('channel', id);
  return row;
}

function nameTaken(name: string): AppError {
  return new AppError('CONFLICT', `There is a channel named "${name}" already.`, { issues: [{ path: 'name', message: 'is taken' }] });
}

/** @throws {AppError} VALIDATION, or CONFLICT when the name is taken */
export async function createChannel(ctx: CoreContext, input: CreateChannelInput): Promise<Channel> {
  const config = JSON.stringify(parseConfig(input.type, input.config));
  const row = await ctx.database.db
    .insertInto('channel')
    .values({ id: newId('ch', ctx.now()), name: input.name, type: input.type, config, is_enabled: input.is_enabled })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) throw nameTaken(input.name);
  return toChannel(row);
}

/** @throws {AppError} NOT_FOUND */
export async function getChannel(ctx: CoreContext, input: { id: string }): Promise<Channel> {
  return toChannel(await readChannel(ctx, input.id));
}

/** Channels, newest first. */
export async function listChannels(ctx: CoreContext, input: ListChannelsInput): Promise<ListChannelsOutput> {
  let query = ctx.database.db
    .selectFrom('channel')
    .selectAll()
    .orderBy('id', 'desc')
    .limit(input.limit + 1);
  if (input.cursor !== undefined) query = query.where('id', '<', decodeCursor('channels', input.cursor));
  const rows = await query.execute();
  const page = rows.slice(0, input.limit);
  const last = page.at(-1);
  return {
    items: page.map(toChannel),
    next_cursor: rows.length > input.limit && last !== undefined ? encodeCursor('channels', last.id) : null,
  };
}

/** A configuration with what goes on signing beside a new secret. */
function withPrevious(before: OverlappingSecret, now: OverlappingSecret, nowMs: number): object {
  const previous = previousOf(before, now.secret, nowMs);
  return previous.previous_secret === null ? now : { ...now, ...previous };
}

/** Changes a channel. A new configuration without its secrets keeps those it had. @throws {AppError} NOT_FOUND, VALIDATION, CONFLICT */
export async function updateChannel(ctx: CoreContext, input: UpdateChannelInput): Promise<Channel> {
  const row = await readChannel(ctx, input.id);
  const before = JSON.parse(row.config) as Config;
  const kept = Object.fromEntries(SECRETS.flatMap((name) => (before[name] === undefined ? [] : [[name, before[name]]])));
  const parsed = input.config === undefined ? null : parseConfig(row.type, { ...kept, ...input.config });
  const config = parsed === null ? row.config : JSON.stringify(withPrevious(before, parsed, ctx.now()));
  const name = input.name ?? row.name;
  const taken = await ctx.database.db
    .selectFrom('channel')
    .select('id')
    .where('name', '=', name)
    .where('id', '<>', row.id)
    .executeTakeFirst();
  if (taken !== undefined) throw nameTaken(name);
  await ctx.database.db
    .updateTable('channel')
    .set({ name, config, is_enabled: input.is_enabled ?? row.is_enabled, updated_at: sql<string>`now()` })
    .where('id', '=', row.id)
    .execute();
  return getChannel(ctx, { id: row.id });
}

/** Removes a channel with its ledger; monitors that named it tell it nothing more. @throws {AppError} NOT_FOUND */
export async function deleteChannel(ctx: CoreContext, input: { id: string }): Promise<{ id: string; deleted: true }> {
  const gone = await ctx.database.db.transaction().execute(async (tx) => {
    // The channels a policy names must exist when it is saved again.
    await sql`update monitor set alert = jsonb_set(alert, '{channel_ids}', (alert -> 'channel_ids') - ${input.id}::text)
      where alert -> 'channel_ids' ? ${input.id}::text`.execute(tx);
    await sql`update publishing_threshold set channel_ids = array_remove(channel_ids, ${input.id}::text)
      where ${input.id}::text = any(channel_ids)`.execute(tx);
    return tx.deleteFrom('channel').where('id', '=', input.id).returning('id').executeTakeFirst();
  });
  if (gone === undefined) throw notFound('channel', input.id);
  return { id: gone.id, deleted: true };
}
