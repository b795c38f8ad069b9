import * as z from 'zod';
import { emptyTally, Tally } from './tally.ts';

/**
 * The cursor of a `scan` job. Nodes that are done are one tally; the node in hand has its own, because a cursor of SCAN
 * means nothing to a server that was restarted: then what was counted on that node is counted again.
 */
export const ScanState = z.object({
  version: z.literal(1),
  dbsize: z.number().min(0).describe('Keys of all masters when the scan began.'),
  done: z.array(z.string()),
  finished: Tally,
  node: z.object({ name: z.string(), run_id: z.string(), cursor: z.string().regex(/^\d+$/), tally: Tally }).nullable(),
  restarted_nodes: z.number().min(0),
});
export type ScanState = z.infer<typeof ScanState>;

export function newScanState(dbsize: number): ScanState {
  return { version: 1, dbsize, done: [], finished: emptyTally(), node: null, restarted_nodes: 0 };
}
