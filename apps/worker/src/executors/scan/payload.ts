import * as z from 'zod';

/** What a `scan` job may ask for. */
export const ScanPayload = z.strictObject({
  redis_url: z
    .url({ protocol: /^rediss?$/, error: 'must be a URL such as redis://host:6379/0 or rediss://user:password@host:6379' })
    .max(2048)
    .describe('Where the Redis is; of a cluster any one node.'),
  match: z.string().min(1).max(1024).default('*').describe('Glob pattern of SCAN; only keys that match are counted.'),
  count: z.int().min(1).max(10_000).default(1000).describe('Keys that one SCAN call looks at.'),
  keys_per_second: z.int().min(1).max(100_000_000).optional().describe('Upper limit of keys looked at per second; none unless told.'),
  separator: z.string().min(1).max(8).default(':').describe('What ends a segment of a key.'),
  prefix_segments: z.int().min(1).max(4).default(1).describe('How many leading segments make a prefix.'),
  memory_sample_every: z.int().min(1).max(1_000_000).default(10).describe('MEMORY USAGE is asked for one key in this many.'),
});
export type ScanPayload = z.infer<typeof ScanPayload>;
