import { decodeCursor } from '../cursors.ts';
import { PlatformKey } from '../platforms/contract.ts';
import type { CoreContext } from '../ports/index.ts';
import { pageOf } from '../publishing/index.ts';
import type { ListPublicationsInput, Publication } from './contract.ts';
import { explainPublications } from './explain-publications.ts';

/** Publications, newest first, a page at a time. @throws {AppError} VALIDATION for a cursor of another list. */
export async function listPublications(
  ctx: CoreContext,
  input: ListPublicationsInput,
): Promise<{ items: Publication[]; next_cursor: string | null }> {
  let query = ctx.database.db
    .selectFrom('publication')
    .selectAll()
    .orderBy('id', 'desc')
    .limit(input.limit + 1);
  if (input.status !== undefined) query = query.where('status', 'in', [input.status].flat());
  if (input.platform !== undefined) {
    const key = PlatformKey.safeParse(input.platform);
    query = key.success ? query.where('platform_key', '=', key.data) : query.where('platform', '=', input.platform);
  }
  for (const field of ['sub_status', 'social_account_id', 'campaign_id', 'clip_id'] as const) {
    const wanted = input[field];
    if (wanted !== undefined) query = query.where(field, '=', wanted);
  }
  if (input.requested_from !== undefined) query = query.where('requested_at', '>=', input.requested_from);
  if (input.requested_to !== undefined) query = query.where('requested_at', '<', input.requested_to);
  if (input.cursor !== undefined) query = query.where('id', '<', decodeCursor('publications', input.cursor));
  const { items, next_cursor } = pageOf(await query.execute(), { list: 'publications', limit: input.limit, key: (row) => row.id });
  return { items: await explainPublications(ctx, items), next_cursor };
}
