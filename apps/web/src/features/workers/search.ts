import type * as z from 'zod';
import { Liveness } from '@tidemark/core/workers/contract';

/** What the address of the list may say. */
export const workerSearch = { liveness: Liveness } satisfies Record<string, z.ZodType<string>>;
