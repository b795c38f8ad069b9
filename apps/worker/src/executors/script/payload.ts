import * as z from 'zod';

const DEFAULT_MEMORY_MB = 64;

/** What a `script` job may ask for. The least a V8 isolate starts with is 8 MB. */
export const ScriptPayload = z.strictObject({
  source: z.string().max(524_288),
  input: z.json().default(null),
  memory_mb: z.int().min(8).max(4096).default(DEFAULT_MEMORY_MB),
});
export type ScriptPayload = z.infer<typeof ScriptPayload>;
