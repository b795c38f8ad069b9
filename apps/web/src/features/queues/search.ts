import type * as z from 'zod';
import { QueueInput } from '@tidemark/core/queues/contract';

/** What the address of the list may say: whose limits are being edited. */
export const queueSearch = { edit: QueueInput.shape.name } satisfies Record<string, z.ZodType<string>>;
