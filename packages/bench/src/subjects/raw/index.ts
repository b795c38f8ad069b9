import type { Subject } from '../../trial.ts';
import { lifecycleLimit } from './lifecycle.ts';
import { createLimit, limits } from './limits.ts';

/** What PostgreSQL and the disk can do without any product. */
export const raw: Subject = { lifecycle: lifecycleLimit, create: createLimit, limit: limits };
