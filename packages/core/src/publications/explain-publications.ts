import { sql } from 'kysely';
import type { CoreContext } from '../ports/index.ts';
import type { Publication } from './contract.ts';
import { toPublication, type PublicationRow } from './publication-row.ts';

/** What a publication may wait for besides its own time. */
interface Surroundings {
  readonly id: string;
  readonly connector: string | null;
  readonly is_paused: boolean | null;
  readonly rate_per_minute: number | null;
  readonly concurrency: number | null;
  readonly account_concurrency: number | null;
  readonly account_status: string | null;
  readonly pause_reason: string | null;
  readonly not_before: string | null;
  readonly account_processing: number | null;
  readonly campaign_status: string | null;
  readonly open: number;
  readonly publishers: number;
  readonly sent_at: string | null;
  readonly workload_status: string | null;
  readonly now: string;
}

async function readSurroundings(ctx: CoreContext, ids: readonly string[]): Promise<Map<string, Surroundings>> {
  const { rows } = await sql<Surroundings>`
    select p.id, f.connector, f.is_paused, f.rate_per_minute, f.concurrency, f.account_concurrency, a.status as account_status, a.pause_reason,
      a.not_before, a.processing_count as account_processing, c.status as campaign_status, t.sent_at, w.status as workload_status, now() as now,
      (select count(*)::int from publication_attempt o join publication q on q.id = o.publication_id
        where o.finished_at is null and q.platform_key = p.platform_key) as open,
      (select count(*)::int from worker where stopped_at is null and not draining and not drain_requested and not quarantined
        and last_heartbeat_at > now() - interval '30 s' and 'publish' = any(kinds) and 'publish:' || p.platform_key = any(queues)) as publishers
    from publication p left join platform f on f.key = p.platform_key
      left join social_account a on a.platform_key = p.platform_key and a.id = p.social_account_id
      left join campaign c on c.id = p.campaign_id
      left join publication_attempt t on t.publication_id = p.id and t.attempt = p.attempt
      left join workload w on w.id = t.workload_id
    where p.id = any(${ids}::text[])`.execute(ctx.database.db);
  return new Map(rows.map((row) => [row.id, row]));
}

function explainProcessing(row: PublicationRow, around: Surroundings): string {
  if (row.awaiting_since !== null) return `The platform accepted it at ${row.awaiting_since}; its result has not come yet.`;
  if (row.attempt === 0) return 'It is published by somebody else, as an update said.';
  if (around.sent_at !== null) return `It was sent at ${around.sent_at}; the platform has not answered yet.`;
  if (around.workload_status === 'running') return 'A worker is about to send it.';
  return around.publishers === 0 ? 'No worker that publishes to this platform is online.' : 'It waits for a free slot of a worker.';
}

/** What the limits of account, platform and workers say of a publication that nothing else keeps back. */
function explainLimits(row: PublicationRow, around: Surroundings): string {
  if (around.not_before !== null && around.not_before > around.now)
    return `The platform's rate limit holds the account back until ${around.not_before}.`;
  if (around.account_concurrency !== null && (around.account_processing ?? 0) >= around.account_concurrency) {
    return `The account publishes ${around.account_processing ?? 0} of at most ${around.account_concurrency} at once.`;
  }
  if (around.concurrency !== null && around.open >= around.concurrency)
    return `The platform publishes ${around.open} of at most ${around.concurrency} at once.`;
  if (around.publishers === 0) return 'No worker that publishes to this platform is online.';
  if (around.rate_per_minute !== null) return `The platform takes at most ${around.rate_per_minute} a minute.`;
  return 'It is next.';
}

function explainPending(row: PublicationRow, around: Surroundings): string {
  const { now } = around;
  if (row.due_at > now) return `It is due at ${row.due_at}.`;
  if (around.connector === null) return `The platform "${row.platform_key}" has no connector: set one, or report the outcome by an update.`;
  if (around.is_paused === true) return `The platform "${row.platform_key}" is paused.`;
  if (around.account_status === 'paused')
    return `The account "${row.social_account_id}" is paused: ${around.pause_reason ?? 'by an operator'}.`;
  if (around.campaign_status === 'paused' || around.campaign_status === 'draft')
    return `Its campaign is ${around.campaign_status === 'draft' ? 'a draft' : 'paused'}.`;
  if (row.next_try_at !== null && row.next_try_at > now) {
    const why = row.sub_status === 'rate_limited' ? 'The platform asked to wait' : `Attempt ${row.attempt} failed`;
    return `${why}; the next attempt starts at ${row.next_try_at}.`;
  }
  return explainLimits(row, around);
}

function explain(row: PublicationRow, around: Surroundings | undefined): string | null {
  if (around === undefined) return null;
  if (row.status === 'scheduled') return `It is scheduled for ${row.scheduled_for ?? row.due_at}.`;
  return row.status === 'processing' ? explainProcessing(row, around) : explainPending(row, around);
}

/** Publications as they are told, those that are not over with the reason why they are where they are. */
export async function explainPublications(ctx: CoreContext, rows: readonly PublicationRow[]): Promise<Publication[]> {
  const open = rows.filter((row) => row.status === 'pending' || row.status === 'scheduled' || row.status === 'processing');
  const around =
    open.length === 0
      ? new Map<string, Surroundings>()
      : await readSurroundings(
          ctx,
          open.map((row) => row.id),
        );
  return rows.map((row) => ({ ...toPublication(row), wait_reason: explain(row, around.get(row.id)) }));
}
