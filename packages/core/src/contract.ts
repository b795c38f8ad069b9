import * as z from 'zod';

/** Ids are opaque; inputs accept this shape so that ids of an earlier deployment keep working. */
export const Id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 characters of A-Z, a-z, 0-9, "_" and "-"');

/** Text without NUL, which PostgreSQL cannot store. What an agent tells may be cut anywhere: half of a surrogate pair becomes U+FFFD there. */
export function reportedText(maxChars: number, minChars = 0): z.ZodString {
  return z
    .string()
    .min(minChars, minChars === 1 ? 'must not be empty' : `must have at least ${minChars} characters`)
    .max(maxChars, `must have at most ${maxChars} characters`)
    .regex(/^[^\0]*$/, 'must not contain NUL characters');
}

/** The same from people and programs, whole: half of a surrogate pair would be stored as another character than was sent. */
export function text(maxChars: number, minChars = 0): z.ZodString {
  return reportedText(maxChars, minChars).refine((value) => value.isWellFormed(), { error: 'must be well-formed Unicode' });
}

/** Overrides that turn the direction of the text after them can make a name look like another. */
const DIRECTION_OVERRIDES = /[\u202A-\u202E\u2066-\u2069]/;

/** A name or title for people: not blank, and without characters that hide what it says. */
export function shownName(maxChars: number): z.ZodString {
  return text(maxChars, 1)
    .refine((value) => value.trim() !== '', { error: 'must not be blank' })
    .refine((value) => !DIRECTION_OVERRIDES.test(value), { error: 'must not contain characters that override the direction of text' });
}

const MAX_JSON_DEPTH = 32;
const utf8 = new TextEncoder();

function jsonProblem(value: unknown, depth: number): string | null {
  if (depth > MAX_JSON_DEPTH) return `must not be nested deeper than ${MAX_JSON_DEPTH} levels`;
  switch (typeof value) {
    case 'string':
      return value.includes('\0') ? 'must not contain NUL characters' : null;
    case 'number':
      return Number.isFinite(value) ? null : 'must not contain non-finite numbers';
    case 'boolean':
      return null;
    case 'object':
      break;
    default:
      return 'must be JSON';
  }
  if (value === null) return null;
  for (const [key, entry] of Object.entries(value)) {
    if (key.includes('\0')) return 'must not contain NUL characters';
    const problem = jsonProblem(entry, depth + 1);
    if (problem !== null) return problem;
  }
  return null;
}

/** Any JSON value of at most `maxBytes` when serialised, at most 32 levels deep, without NUL. */
export function json(maxBytes: number): z.ZodType<unknown> {
  return z.unknown().superRefine((value, context) => {
    if (value === undefined) return;
    const problem = jsonProblem(value, 0);
    if (problem !== null) {
      context.addIssue({ code: 'custom', message: problem });
      return;
    }
    if (utf8.encode(JSON.stringify(value)).length > maxBytes) {
      context.addIssue({ code: 'custom', message: `must have at most ${maxBytes} bytes as JSON` });
    }
  });
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

export const TimeZone = text(64, 1).refine(isZone, { error: 'must be a time zone such as Europe/Berlin or UTC' });

/** A moment: ISO 8601 with an offset or Z, from 1970 to 9999. */
export const Timestamp = z.iso.datetime({ offset: true, error: 'must be an ISO 8601 time such as 2026-01-31T12:00:00.000Z' }).refine(
  (value) => {
    const ms = Date.parse(value);
    return ms >= 0 && ms < 253_402_300_800_000;
  },
  { error: 'must lie between 1970 and 9999' },
);

/** Key–value marks on workloads and workers; at most 32. */
export const Labels = z
  .record(text(63, 1).regex(/^[A-Za-z0-9._/-]+$/, 'label names are made of A-Z, a-z, 0-9, ".", "_", "/" and "-"'), text(255))
  .refine((labels) => Object.keys(labels).length <= 32, { error: 'must have at most 32 labels' });
export type Labels = z.infer<typeof Labels>;

/** Names of the fields that are withheld from the caller. */
export const Withheld = z
  .array(z.string())
  .optional()
  .describe('Fields the caller may not see: they are null or empty whatever they hold.');

/** Opaque position in a list, as returned in `next_cursor`. */
export const Cursor = z
  .string()
  .min(1)
  .max(512)
  .regex(/^[A-Za-z0-9_-]+$/, 'is not a cursor of this list');

/** Page size of a list. */
export function limit(fallback: number, max: number): z.ZodDefault<z.ZodInt> {
  return z.int().min(1).max(max).default(fallback);
}

/** A name used as a key: queue, kind, worker type. */
export const Name = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/,
    'must be 1 to 64 characters of A-Z, a-z, 0-9, ".", "_", ":" and "-", starting with a letter or digit',
  );

/** A duration in whole milliseconds, at most 366 days. */
export const DurationMs = z.int().min(0).max(31_622_400_000);

export const JsonObject = z.record(z.string(), z.unknown());

/** The longest CSV that one import takes. */
export const MAX_CSV_BYTES = 33_554_432;
export const CsvImportInput = z.strictObject({
  content: z.string().min(1, 'must not be empty').max(MAX_CSV_BYTES, `must have at most ${MAX_CSV_BYTES} characters`).describe('The CSV.'),
  skip_invalid: z.boolean().default(false).describe('Leave out the lines that do not fit. Otherwise one bad line keeps everything out.'),
  dry_run: z.boolean().default(false).describe('Say what would happen and write nothing.'),
});
export type CsvImportInput = z.infer<typeof CsvImportInput>;
export const CsvImportAnswer = z
  .object({
    created: z.int(),
    unchanged: z.int().describe('Lines whose idempotency key an earlier import used.'),
    skipped_count: z.int().describe('Lines left out.'),
    skipped: z
      .array(z.object({ line: z.int(), column: z.string(), message: z.string() }))
      .describe('Why, for the first 1,000 things that do not fit.'),
    is_dry_run: z.boolean(),
  })
  .meta({ id: 'CsvImportAnswer' });
export type CsvImportAnswer = z.infer<typeof CsvImportAnswer>;

/** A number that counts up from 0 in a 32-bit column. */
export const Counter = z.int().min(0).max(2_147_483_647);
