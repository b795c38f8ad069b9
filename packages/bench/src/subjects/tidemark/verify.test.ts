import { claimJobs, report } from '@tidemark/core/jobs';
import { createWorkload } from '@tidemark/core/workloads';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inputOf, openEmbeddedEngine, registerAgents } from './open-engine.ts';
import type { Engine } from './open-engine.ts';
import { verify } from './verify.ts';

describe('the verification of a run', () => {
  let engine: Engine;

  beforeAll(async () => {
    engine = await openEmbeddedEngine('memory://');
    const { core } = engine;
    const [worker_id = ''] = await registerAgents(core, 1);
    await createWorkload(core, inputOf(0));
    const { jobs } = await claimJobs(core, { worker_id, max: 1, wait_ms: 0 });
    await report(core, {
      worker_id,
      items: jobs.map(({ job_id, lease_epoch }) => ({ op: 'complete' as const, job_id, lease_epoch, exit_code: 0 })),
    });
  });

  afterAll(() => engine.close());

  it('is content with what really happened', async () => {
    expect(await verify(engine.database, { created: 1, completed: 1, events: 3 })).toEqual([]);
  });

  it('tells every figure that is not what was promised', async () => {
    const problems = await verify(engine.database, { created: 2, completed: 2, events: 6 });
    expect(problems).toEqual([
      'workloads: 1 instead of 2',
      'completed workloads: 1 instead of 2',
      'completed attempts: 1 instead of 2',
      'events: 3 instead of 6',
    ]);
  });

  it('notices a counter that is off by one', async () => {
    await sql`update counter set completed = completed + 1`.execute(engine.database.db);
    expect(await verify(engine.database, { created: 1, completed: 1, events: 3 })).toEqual(['lanes with wrong counters: 1 instead of 0']);
  });
});
