import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { AppError, type Issue } from '../errors.ts';
import { appendEvent } from '../events/index.ts';
import { newId } from '../ids.ts';
import type { CoreContext } from '../ports/index.ts';
import { toNewRow } from './check-new.ts';
import type { CreatePublicationInput, Publication } from './contract.ts';
import { explainPublications } from './explain-publications.ts';
import { PUBLICATIONS_TOPIC, QUEUE_TOPIC } from './move-publications.ts';
import type { PublicationRow } from './publication-row.ts';
import { PublicationTally } from './tally.ts';

const MAX_ISSUES = 20;
type Item = CreatePublicationInput;
interface Found {
  readonly code: 'VALIDATION' | 'NOT_FOUND' | 'CONFLICT';
  readonly issue: Issue;
  readonly data?: Readonly<Record<string, unknown>>;
}

function refuse(found: readonly Found[]): void {
  const [first] = found;
  if (first === undefined) return;
  const issues = found.slice(0, MAX_ISSUES).map((entry) => entry.issue);
  const more = found.length > 1 ? ` (and ${found.length - 1} more)` : '';
  throw new AppError(first.code, `${first.issue.path}: ${first.issue.message}${more}`, {
    issues,
    ...(first.data === undefined ? {} : { data: first.data }),
  });
}

/** Locks what the publications refer to against changes until the commit, and finds what is not there or not open. */
async function checkReferences(
  tx: Transaction<Database>,
  items: readonly Item[],
  path: (index: number, field: string) => string,
): Promise<Found[]> {
  const campaignIds = [...new Set(items.flatMap((item) => (typeof item.campaign_id === 'string' ? [item.campaign_id] : [])))];
  const clipIds = [...new Set(items.map((item) => item.clip_id))];
  const campaigns =
    campaignIds.length === 0
      ? []
      : await tx.selectFrom('campaign').select(['id', 'status']).where('id', 'in', campaignIds).orderBy('id').forShare().execute();
  const clips = await tx.selectFrom('clip').select('id').where('id', 'in', clipIds).orderBy('id').forShare().execute();
  const statusOf = new Map(campaigns.map((row) => [row.id, row.status]));
  const known = new Set(clips.map((row) => row.id));
  return items.flatMap((item, index): Found[] => {
    const found: Found[] = [];
    if (!known.has(item.clip_id)) {
      found.push({
        code: 'NOT_FOUND',
        issue: { path: path(index, 'clip_id'), message: `no clip has the id "${item.clip_id}"` },
        data: { resource: 'clip', id: item.clip_id },
      });
    }
    const id = item.campaign_id;
    if (typeof id !== 'string') return found;
    const status = statusOf.get(id);
    const issuePath = path(index, 'campaign_id');
    if (status === undefined)
      found.push({
        code: 'NOT_FOUND',
        issue: { path: issuePath, message: `no campaign has the id "${id}"` },
        data: { resource: 'campaign', id },
      });
    else if (status === 'paused' || status === 'completed') {
      const message = `the campaign "${id}" is ${status}; activate it first`;
      found.push({ code: 'CONFLICT', issue: { path: issuePath, message }, data: { resource: 'campaign', id, status } });
    }
    return found;
  });
}

/** Makes accounts known that were never seen before. */
async function ensureAccounts(tx: Transaction<Database>, rows: readonly PublicationRow[]): Promise<void> {
  const accounts = [...new Map(rows.map((row) => [`${row.platform_key}:${row.social_account_id}`, row])).values()];
  await sql`insert into social_account (platform_key, id)
    select * from unnest(${accounts.map((row) => row.platform_key)}::text[], ${accounts.map((row) => row.social_account_id)}::text[]) order by 1, 2
    on conflict (platform_key, id) do nothing`.execute(tx);
}

async function insertRows(
  tx: Transaction<Database>,
  rows: readonly PublicationRow[],
  path: (index: number, field: string) => string,
): Promise<void> {
  const made = await tx
    .insertInto('publication')
    .values([...rows])
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('id')
    .execute();
  if (made.length === rows.length) return;
  const fresh = new Set(made.map((row) => row.id));
  const taken = rows.flatMap((row, index) => (fresh.delete(row.id) ? [] : [index]));
  refuse(taken.map((index) => ({ code: 'CONFLICT', issue: { path: path(index, 'id'), message: 'is taken' } })));
}

async function createAll(ctx: CoreContext, items: readonly Item[], path: (index: number, field: string) => string): Promise<Publication[]> {
  const rows = await ctx.database.db.transaction().execute(async (tx) => {
    const { rows: clock } = await sql<{ now: string }>`select now()`.execute(tx);
    const now = clock[0]?.now ?? new Date(ctx.now()).toISOString();
    const made = items.map((item) => toNewRow(item, { id: item.id ?? newId('pub', ctx.now()), now }));
    refuse(
      made.flatMap(({ issues }, index) =>
        issues.map((issue): Found => ({ code: 'VALIDATION', issue: { ...issue, path: path(index, issue.path) } })),
      ),
    );
    refuse(await checkReferences(tx, items, path));
    const all = made.map(({ row }) => row);
    await ensureAccounts(tx, all);
    await insertRows(tx, all, path);
    const tally = new PublicationTally();
    for (const row of all) tally.change(null, row, now);
    await tally.save(tx);
    await appendEvent(
      tx,
      PUBLICATIONS_TOPIC,
      all.map((row) => ({ type: 'publication.created', id: row.id, status: row.status, platform: row.platform })),
    );
    return all;
  });
  ctx.hub.publish([PUBLICATIONS_TOPIC, QUEUE_TOPIC]);
  return explainPublications(ctx, rows);
}

/**
 * Creates a publication: one clip on one account of one platform.
 * @throws {AppError} VALIDATION, NOT_FOUND for the clip or the campaign, CONFLICT when the campaign is paused or completed or the id taken.
 */
export async function createPublication(ctx: CoreContext, input: CreatePublicationInput): Promise<Publication> {
  const [made] = await createAll(ctx, [input], (_, field) => field);
  if (made === undefined) throw new Error('unreachable: one in, none out');
  return made;
}

/** Creates up to 1,000 publications, all or nothing, in the order given. @throws {AppError} as `createPublication`, naming item and field. */
export async function createPublications(
  ctx: CoreContext,
  input: { items: readonly CreatePublicationInput[] },
): Promise<{ items: Publication[] }> {
  return { items: await createAll(ctx, input.items, (index, field) => `items.${index}.${field}`) };
}
