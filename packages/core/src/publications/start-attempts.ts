import { sql } from 'kysely';
import { AppError } from '../errors.ts';
import type { PlatformKey } from '../platforms/contract.ts';
import { queueOf } from '../platforms/index.ts';
import type { CoreContext } from '../ports/index.ts';
import { CreateWorkloadInput } from '../workloads/contract.ts';
import { createWorkload } from '../workloads/index.ts';
import type { PublishPayload } from './contract.ts';

const PUBLISH_KIND = 'publish';

const BATCH = 500;
/** What a publication may take besides the platform's answer. */
const ALLOWANCE_MS = 30_000;

interface WaitingAttempt {
  publication_id: string;
  attempt: number;
  platform_key: PlatformKey;
  social_account_id: string;
  timeout_ms: number;
}

/** The key of an attempt: of its workload here, and for the platform of the publication. */
export function attemptKey(attempt: { publication_id: string; attempt: number }): string {
  return `${attempt.publication_id}.${attempt.attempt}`;
}

function workloadOf(attempt: WaitingAttempt): CreateWorkloadInput {
  const payload: PublishPayload = { publication_id: attempt.publication_id, attempt: attempt.attempt };
  return CreateWorkloadInput.parse({
    kind: PUBLISH_KIND,
    queue: queueOf(attempt.platform_key),
    isolation: 'process',
    payload,
    labels: { publication: attempt.publication_id, platform: attempt.platform_key },
    concurrency_key: attempt.social_account_id,
    timeout_ms: attempt.timeout_ms + ALLOWANCE_MS,
    idempotency_key: `publication:${attemptKey(attempt)}`,
  });
}

async function start(ctx: CoreContext, attempt: WaitingAttempt): Promise<{ attempt: WaitingAttempt; workload_id: string }> {
  try {
    return { attempt, workload_id: (await createWorkload(ctx, workloadOf(attempt))).id };
  } catch (error) {
    // A server made it before it went away, and the platform's settings said something else then.
    const known = error instanceof AppError && error.code === 'CONFLICT' ? error.data?.['id'] : undefined;
    if (typeof known === 'string') return { attempt, workload_id: known };
    throw error;
  }
}

/**
 * Makes the workloads of attempts that have none: those just opened, and those a server left behind when it went away in between.
 * Safe to repeat: an attempt's workload is made once, by its key.
 */
export async function startAttempts(ctx: CoreContext): Promise<void> {
  const { rows } = await sql<WaitingAttempt>`
    select a.publication_id, a.attempt, p.platform_key, p.social_account_id, coalesce(f.timeout_ms, 30000) as timeout_ms
    from publication_attempt a join publication p on p.id = a.publication_id left join platform f on f.key = p.platform_key
    where a.finished_at is null and a.workload_id is null order by a.started_at limit ${BATCH}`.execute(ctx.database.db);
  if (rows.length === 0) return;
  const outcomes = await Promise.allSettled(rows.map((attempt) => start(ctx, attempt)));
  const started = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  await sql`update publication_attempt a set workload_id = i.workload_id
    from unnest(${started.map(({ attempt }) => attempt.publication_id)}::text[], ${started.map(({ attempt }) => attempt.attempt)}::int[],
      ${started.map((entry) => entry.workload_id)}::text[]) as i(publication_id, attempt, workload_id)
    where a.publication_id = i.publication_id and a.attempt = i.attempt and a.workload_id is null`.execute(ctx.database.db);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
