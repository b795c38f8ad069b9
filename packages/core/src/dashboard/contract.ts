import * as z from 'zod';
import { LastResult } from '../monitors/contract.ts';

export const Dashboard = z
  .object({
    total_tests: z.int(),
    active_tests: z.int(),
    paused_tests: z.int(),
    passing: z.int(),
    failing: z.int(),
    pending: z.int().describe('Monitors without a result yet.'),
    recent_runs: z.array(
      z.object({
        test_id: z.string(),
        test_name: z.string(),
        test_url: z.string().nullable(),
        last_result: LastResult.nullable(),
        last_run_at: z.string().nullable(),
      }),
    ),
    open_outages: z.int(),
  })
  .meta({ id: 'Dashboard' });
export type Dashboard = z.infer<typeof Dashboard>;
export const DashboardInput = z.strictObject({});
