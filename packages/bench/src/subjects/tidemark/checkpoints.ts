import { openPostgres } from '@tidemark/core/adapters/postgres';
import type { ClaimedJob } from '@tidemark/core/jobs/contract';
import { claimJobs, report } from '@tidemark/core/jobs';
import type { CoreContext } from '@tidemark/core/ports';
import { sql } from 'kysely';
import type { Perform } from '../../trial.ts';
import { differs } from '../tally.ts';
import { rate } from '../timing.ts';
import { withSingleCommits } from './lenses.ts';
import { openEngine, preload, registerAgents } from './open-engine.ts';

/** A pool as large as an ordinary application's, for the statement-per-call comparison. */
const SINGLE_WRITERS = 20;

interface Holder {
  readonly worker_id: string;
  readonly job: ClaimedJob;
}

async function claimEach(core: CoreContext, ids: readonly string[]): Promise<Holder[]> {
  const holders: Holder[] = [];
  for (const worker_id of ids) {
    const [job] = (await claimJobs(core, { worker_id, max: 1, wait_ms: 0 })).jobs;
    if (job === undefined) throw new Error('there was no job for an agent');
    holders.push({ worker_id, job });
  }
  return holders;
}

/** Each agent tells its progress again and again, waiting for every answer. */
function checkpointing(commitsOf: (core: CoreContext) => Promise<{ core: CoreContext; close(): Promise<void> }>): Perform {
  return async (request) => {
    const { n, agents } = request.trial.params;
    const engine = await openEngine(request.postgres_url);
    await preload(engine.core, agents);
    const holders = await claimEach(engine.core, await registerAgents(engine.core, agents));
    const { core, close } = await commitsOf(engine.core);
    await engine.settle();
    const each = Math.floor(n / agents);
    let refused = 0;
    const tell = async ({ worker_id, job }: Holder): Promise<void> => {
      for (let index = 0; index < each; index += 1) {
        const { results } = await report(core, {
          worker_id,
          items: [
            { op: 'checkpoint', job_id: job.job_id, lease_epoch: job.lease_epoch, duration_ms: 10, keys_scanned: 1, cursor: { at: index } },
          ],
        });
        if (results[0]?.ok !== true) refused += 1;
      }
    };
    const measure = await rate('calls/s', each * agents, () => Promise.all(holders.map(tell)));
    const { rows } = await sql<{ keys: number }>`select sum(keys_scanned)::bigint as keys from lease`.execute(engine.database.db);
    await close();
    await engine.close();
    return {
      measures: [measure],
      problems: [
        ...differs('refused checkpoints', refused, 0),
        ...differs('keys of the accepted checkpoints', rows[0]?.keys ?? 0, each * agents),
      ],
    };
  };
}

export const checkpoints: Perform = checkpointing((core) => Promise.resolve({ core, close: () => Promise.resolve() }));

/** A statement and a commit per call, on a pool of connections. */
export const singleCheckpoints: Perform = (request) =>
  checkpointing(async (core) => {
    const pool = await openPostgres({ url: request.postgres_url, writerSlots: SINGLE_WRITERS, readers: 1 });
    return { core: withSingleCommits({ ...core, database: pool }), close: () => pool.close() };
  })(request);
