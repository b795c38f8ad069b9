// An agent of a few lines: leases one job, stores a checkpoint, and beats until it is killed.
import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from '@tidemark/api/client';

const [url = '', queue = ''] = process.argv.slice(2);
const client = createClient({ url });
const { worker_id: worker } = await client.workers.register.mutate({
  name: `hand-${queue}`,
  worker_type: 'hand',
  version: '1',
  isolations: ['process'],
  kinds: ['command'],
  queues: [queue],
  slots: 1,
});
const { jobs } = await client.jobs.claim.mutate({ worker_id: worker, max: 1, wait_ms: 30_000 });
const [job] = jobs;
if (job === undefined) throw new Error('no job came');
const lease = { job_id: job.job_id, lease_epoch: job.lease_epoch };
await client.jobs.checkpoint.mutate({ ...lease, cursor: { at: 7 } });
for (;;) {
  await client.workers.heartbeat.mutate({ worker_id: worker, leases: [lease] });
  process.stdout.write(`holds ${job.job_id}\n`);
  await delay(5000);
}
