import type { Liveness } from '@tidemark/core/workers/contract';
import { rangeSearch } from '../../lib/ranges.ts';
import { namesOf, oneOf } from '../../lib/search-values.ts';
import type { Check } from '../../lib/search-values.ts';

const LIVENESS = namesOf<Liveness>({ online: true, late: true, lost: true, draining: true, stopped: true });

/** What the address of the list may say. */
export const workerSearch = { liveness: oneOf(LIVENESS), ...rangeSearch } satisfies Record<string, Check>;

/** The time charts show when the address does not say. */
export const WORKERS_RANGE = '1h';
