import type { CoreContext } from '../ports/index.ts';
import type { CreatePublicationInput, Publication } from './contract.ts';
import { explainPublications } from './explain-publications.ts';
import { PUBLICATIONS_TOPIC, QUEUE_TOPIC } from './move-publications.ts';
import { NewPublications, type Refusal, refuse } from './new-publications.ts';
import type { PublicationRow } from './publication-row.ts';

type Name = (index: number, field: string) => string;

async function createAll(ctx: CoreContext, items: readonly CreatePublicationInput[], nameOf: Name): Promise<Publication[]> {
  const rows = await ctx.database.db.transaction().execute(async (tx) => {
    const publications = await NewPublications.begin(tx, ctx.now());
    const placed = await publications.add(items);
    const refusals: Refusal[] = [];
    const answered: PublicationRow[] = [];
    for (const [index, entry] of placed.entries()) {
      if ('row' in entry) answered.push(entry.row);
      else refusals.push(...entry.refusals.map((one) => ({ ...one, issue: { ...one.issue, path: nameOf(index, one.issue.path) } })));
    }
    refuse(refusals);
    await publications.finish();
    return answered;
  });
  ctx.hub.publish([PUBLICATIONS_TOPIC, QUEUE_TOPIC]);
  return explainPublications(ctx, rows);
}

/**
 * Creates a publication: one clip on one account of one platform. The same idempotency key and body answers with the first one.
 * @throws {AppError} VALIDATION, NOT_FOUND for the clip or the campaign, CONFLICT when the campaign is paused or completed, the id taken
 * or the key used with another body.
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
