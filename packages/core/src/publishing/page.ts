import { encodeCursor } from '../cursors.ts';

/** A page of rows read with one more than asked: the rest is told by the cursor. */
export function pageOf<Row>(
  rows: readonly Row[],
  page: { list: string; limit: number; key(row: Row): string },
): { items: Row[]; next_cursor: string | null } {
  const items = rows.slice(0, page.limit);
  const last = items.at(-1);
  return { items, next_cursor: rows.length > page.limit && last !== undefined ? encodeCursor(page.list, page.key(last)) : null };
}

/** What a search text becomes in `ilike`: its own wildcards are text. */
export function contains(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`;
}
