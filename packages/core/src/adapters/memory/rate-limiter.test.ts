import { rateLimiterContract } from '../../testing/index.ts';
import { MemoryRateLimiter } from './index.ts';

rateLimiterContract('in memory', (budgets) => Promise.resolve(new MemoryRateLimiter(budgets)));
