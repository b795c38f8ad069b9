import * as z from 'zod';

export const GetSystemInput = z.strictObject({});

export const TableSize = z.object({
  name: z.string(),
  size_bytes: z.int().describe('With its indexes and long values.'),
  rows_estimate: z.int().describe('As the database last counted it; -1 before it ever did.'),
});

/** What this server runs on, and what its database holds. */
export const System = z
  .object({
    version: z.string(),
    node_version: z.string(),
    started_at: z.string(),
    server_time: z.string(),
    database: z.object({
      engine: z.enum(['pglite', 'postgres']),
      version: z.string(),
      is_power_loss_safe: z.boolean(),
      size_bytes: z.int(),
      tables: z.array(TableSize).describe('The largest twenty, largest first.'),
    }),
  })
  .meta({ id: 'System' });
export type System = z.infer<typeof System>;
