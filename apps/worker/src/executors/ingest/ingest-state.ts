import * as z from 'zod';

/** How many rejected rows are shown; all are counted. */
export const MAX_REJECTS_SHOWN = 100;

const Count = z.number().min(0);
const Reject = z.object({ line: Count, reason: z.string(), text: z.string() });

/** The cursor of an `ingest` job: everything before `offset` is counted, nothing after it is. */
export const IngestState = z.object({
  version: z.literal(1),
  identity: z.string(),
  offset: Count,
  line: Count,
  header: z.array(z.string()).nullable(),
  rows: Count,
  rejected: Count,
  rejects: z.array(Reject).max(MAX_REJECTS_SHOWN),
});
export type IngestState = z.infer<typeof IngestState>;

export function newIngestState(identity: string): IngestState {
  return { version: 1, identity, offset: 0, line: 1, header: null, rows: 0, rejected: 0, rejects: [] };
}
