import * as z from 'zod';
import { Id } from '../contract.ts';

export const MAX_CONTENT_CHARS = 900_000;

export const ImportInput = z.strictObject({
  format: z.enum(['tidemark', 'uptime-kuma', 'gatus']),
  content: z
    .string()
    .min(1)
    .max(MAX_CONTENT_CHARS)
    .describe('Text of the file: our YAML, a backup of Uptime Kuma (JSON), or the configuration of Gatus (YAML).'),
  dry_run: z.boolean().default(false).describe('Answer with what would happen and change nothing.'),
});
export type ImportInput = z.infer<typeof ImportInput>;

export const ImportAnswer = z
  .object({
    created: z.int(),
    updated: z.int(),
    unchanged: z.int(),
    skipped: z.array(z.object({ name: z.string(), reason: z.string() })),
    is_dry_run: z.boolean(),
  })
  .meta({ id: 'ImportAnswer' });
export type ImportAnswer = z.infer<typeof ImportAnswer>;

export const ExportInput = z.strictObject({ test_id: Id.optional().describe('Only this monitor.') });
export type ExportInput = z.infer<typeof ExportInput>;
export const ExportAnswer = z.object({ format: z.literal('tidemark'), content: z.string() }).meta({ id: 'ExportAnswer' });
export type ExportAnswer = z.infer<typeof ExportAnswer>;
