import type * as z from 'zod';
import { Liveness } from '@tidemark/core/workers/contract';
import { rangeSearch } from '../../lib/ranges.ts';

/** What the address of the list may say. */
export const workerSearch = { liveness: Liveness, ...rangeSearch } satisfies Record<string, z.ZodType<string>>;

/** The time charts show when the address does not say. */
export const WORKERS_RANGE = '1h';
