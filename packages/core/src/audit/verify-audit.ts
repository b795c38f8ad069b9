import type { CoreContext } from '../ports/index.ts';
import type { VerifyAuditInput, VerifyAuditOutput } from './contract.ts';
import { entryHash, NO_HASH } from './entry-hash.ts';

const PAGE = 1000;

type Problem = Pick<VerifyAuditOutput, 'broken_at' | 'problem'>;
const FINE: Problem = { broken_at: null, problem: null };

interface Walk {
  position: number;
  hash: string;
}

/** Goes on to the next page of the chain. Null at its end. */
async function walkPage(ctx: CoreContext, walk: Walk, input: VerifyAuditInput): Promise<Problem | null> {
  const rows = await ctx.database.db
    .selectFrom('audit_entry')
    .selectAll()
    .where('position', '>', walk.position)
    .orderBy('position')
    .limit(PAGE)
    .execute();
  for (const row of rows) {
    if (row.position !== walk.position + 1) return { broken_at: walk.position + 1, problem: 'missing' };
    if (row.previous_hash !== walk.hash || row.hash !== entryHash(walk.hash, row)) return { broken_at: row.position, problem: 'edited' };
    if (row.position === input.position && input.hash !== undefined && row.hash !== input.hash)
      return { broken_at: row.position, problem: 'replaced' };
    walk.position = row.position;
    walk.hash = row.hash;
  }
  return rows.length < PAGE ? null : FINE;
}

/**
 * Walks the whole chain from its first entry and names the first position that is not what was written: a field that was
 * edited, an entry that is missing, a chain that was cut off at its end or, given what you noted earlier, written anew.
 */
export async function verifyAudit(ctx: CoreContext, input: VerifyAuditInput): Promise<VerifyAuditOutput> {
  // Read before the walk: entries that are appended meanwhile may be walked as well, but none before it may be missing.
  const head = await ctx.database.db.selectFrom('audit_head').select(['position', 'hash']).executeTakeFirst();
  const walk: Walk = { position: 0, hash: NO_HASH };
  let found: Problem | null = FINE;
  while (found !== null && found.problem === null) found = await walkPage(ctx, walk, input);
  const expected = Math.max(head?.position ?? 0, input.position ?? 0);
  const isCut = found === null && walk.position < expected;
  const isHeadWrong = found === null && !isCut && walk.position === head?.position && walk.hash !== head.hash;
  const broken: Problem = isCut
    ? { broken_at: walk.position + 1, problem: 'cut_off' }
    : isHeadWrong
      ? { broken_at: walk.position, problem: 'replaced' }
      : (found ?? FINE);
  return {
    ...broken,
    is_intact: broken.problem === null,
    checked_count: walk.position,
    head_position: walk.position,
    head_hash: walk.hash,
  };
}
