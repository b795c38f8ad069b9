import { isCursor, isId, textUpTo } from '../../lib/search-values.ts';
import type { Check } from '../../lib/search-values.ts';
import type { SearchOf } from '../../lib/search.ts';

/** What the address of the audit log may say. */
export const auditSearch = {
  action: textUpTo(100),
  target: textUpTo(128),
  actor: isId,
  outcome: textUpTo(32),
  cursor: isCursor,
} satisfies Record<string, Check>;
export type AuditSearch = SearchOf<typeof auditSearch>;
