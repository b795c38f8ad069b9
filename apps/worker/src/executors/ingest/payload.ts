import * as z from 'zod';

const FIELD_TYPES = ['string', 'integer', 'number', 'boolean', 'timestamp', 'any'] as const;
export type FieldType = (typeof FIELD_TYPES)[number];

const FieldSpec = z.string().regex(/^(string|integer|number|boolean|timestamp|any)\??$/, {
  error: `must be one of ${FIELD_TYPES.join(', ')}, with "?" behind it where a value may be missing`,
});

/** What an `ingest` job may ask for. */
export const IngestPayload = z.strictObject({
  source: z
    .string()
    .max(4096)
    .regex(/^(\/[^\0]*|https?:\/\/[^\0\s]+)$/, { error: 'must be an absolute path on the worker, or an http or https URL' })
    .describe('A file of the machine the worker runs on, or a URL.'),
  format: z.enum(['csv', 'ndjson']).optional().describe('By the ending of the source unless told: .csv, .ndjson, .jsonl.'),
  schema: z
    .record(z.string().min(1).max(256), FieldSpec)
    .default({})
    .describe('What each column or field must be; `?` behind a type lets it be missing.'),
  allow_extra: z.boolean().default(true).describe('Whether a row may have columns or fields that the schema does not name.'),
  header: z.array(z.string().min(1).max(256)).min(1).max(1000).optional().describe('Names of the columns of a CSV without a header line.'),
  delimiter: z
    .string()
    .length(1)
    .refine((text) => /^[\t -~]$/.test(text) && text !== '"', { error: 'must be one ASCII character, and no quote' })
    .default(','),
  max_row_bytes: z.int().min(16).max(8_388_608).default(1_048_576).describe('A longer row is rejected.'),
  max_bytes: z.int().min(1).max(Number.MAX_SAFE_INTEGER).default(107_374_182_400).describe('A larger source is refused.'),
});
export type IngestPayload = z.infer<typeof IngestPayload>;
