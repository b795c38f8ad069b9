import * as z from 'zod';
import { Cursor, Id, limit, Timestamp, Withheld } from '../contract.ts';
import { AlertPolicy } from '../monitors/contract.ts';

export const OutageStatus = z.enum(['open', 'acknowledged', 'resolved']);
export type OutageStatus = z.infer<typeof OutageStatus>;

/** Failures that follow each other: what alerts are sent for. One is open per monitor at most. */
export const Outage = z
  .object({
    id: z.string(),
    test_id: z.string(),
    test_name: z.string(),
    status: OutageStatus,
    opened_at: z.string().describe('Start of the first failed run.'),
    confirmed_at: z.string(),
    acknowledged_at: z.string().nullable(),
    acknowledged_by: z.string().nullable().describe('Id of the person or the key.'),
    acknowledged_by_name: z.string().nullable(),
    resolved_at: z.string().nullable().describe('Start of the run that ended it.'),
    resolution: z.enum(['recovered', 'manual']).nullable(),
    resolved_by: z.string().nullable().describe('Who ended it by hand.'),
    resolved_by_name: z.string().nullable(),
    failed_runs: z.int(),
    first_run_id: z.string(),
    last_run_id: z.string(),
    recovery_run_id: z.string().nullable(),
    error: z.string().nullable().describe('Of the last failed run.'),
    duration_ms: z.int().nullable().describe('From opened to resolved; null while it is open.'),
    down_min_ms: z.int().describe('First to last failed run: it was down at least so long.'),
    down_max_ms: z.int().nullable().describe('Last pass before to first pass after: at most so long.'),
    reopen_count: z.int(),
    muted_until: z.string().nullable(),
    is_suppressed: z.boolean().describe('No notice is sent while its parent is down.'),
    held_until: z.string().nullable().describe('Its first notice waits, at most until then, for a look at the parent.'),
    alert_sent: z.boolean().describe('A notice of it reached a channel.'),
    withheld: Withheld,
  })
  .meta({ id: 'Outage' });
export type Outage = z.infer<typeof Outage>;

const Page = { limit: limit(50, 200), cursor: Cursor.optional() };
export const ListOutagesInput = z.strictObject({ test_id: Id.optional(), status: OutageStatus.optional(), ...Page });
export type ListOutagesInput = z.infer<typeof ListOutagesInput>;
export const ListMonitorOutagesInput = z.strictObject({ test_id: Id, status: OutageStatus.optional(), ...Page });
export const ListOutagesOutput = z.object({ items: z.array(Outage), next_cursor: z.string().nullable() });
export type ListOutagesOutput = z.infer<typeof ListOutagesOutput>;
export const OutageInput = z.strictObject({ id: Id });
export const MuteOutageInput = z.strictObject({ id: Id, until: Timestamp.nullable().describe('Null ends it.') });
export type MuteOutageInput = z.infer<typeof MuteOutageInput>;

export const BackTestInput = z.strictObject({ test_id: Id, alert: AlertPolicy, hours: z.int().min(1).max(720).default(168) });
export type BackTestInput = z.infer<typeof BackTestInput>;
const Replay = z.object({
  alerts: z.int(),
  down_ms: z.int(),
  outages: z.array(z.object({ opened_at: z.string(), confirmed_at: z.string(), resolved_at: z.string().nullable(), failed_runs: z.int() })),
  mean_detection_ms: z.number().nullable().describe('From the first failure to the notice.'),
});
/** What a policy would have done with the recorded runs, beside what the saved one would have. */
export const BackTest = z.object({ test_id: z.string(), runs: z.int(), proposed: Replay, current: Replay }).meta({ id: 'BackTest' });
export type BackTest = z.infer<typeof BackTest>;
