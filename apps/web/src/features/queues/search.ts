import { isName } from '../../lib/search-values.ts';
import type { Check } from '../../lib/search-values.ts';

/** What the address of the list may say: whose limits are being edited. */
export const queueSearch = { edit: isName } satisfies Record<string, Check>;
