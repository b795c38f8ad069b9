import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { DEMO_WORKERS } from '@tidemark/core/demo/contract';
import { type DefinedWorker, defineHandlers, defineWorker, type HandlerJob, PermanentError } from '@tidemark/sdk';
import { pino } from 'pino';
import * as z from 'zod';

/** What live work is made of: how long it takes and how it ends, taken from work of the past. */
const LivePayload = z.looseObject({
  live: z
    .object({ lasts_ms: z.int().min(0), error: z.string().nullable(), keys_per_second: z.number().nullable() })
    .default({ lasts_ms: 1500, error: null, keys_per_second: null }),
});
type LivePayload = z.infer<typeof LivePayload>;

const STEP_MS = 3000;
const GRACE_MS = 2000;

/** Takes its time in steps, tells each, and ends as its example did. */
async function act(job: HandlerJob<LivePayload>): Promise<string> {
  const { lasts_ms: lasts, error, keys_per_second: rate } = job.payload.live;
  const steps = Math.max(1, Math.ceil(lasts / STEP_MS));
  for (let step = 1; step <= steps; step += 1) {
    await delay(lasts / steps, undefined, { signal: job.signal });
    job.log(`step ${step} of ${steps} done`);
    job.progress({ done: step, total: steps });
    if (rate !== null) await job.checkpoint({ cursor: { step }, keys_scanned: Math.round((rate * lasts) / steps / 1000) });
  }
  if (error !== null) throw new PermanentError(error);
  return 'done\n';
}

/** Brings the demo's agents back, under the ids they had. They end with `stop`. */
export function startAgents(at: { url: string; key: string | undefined; folder: string }): { stop(): Promise<void> } {
  const agents = DEMO_WORKERS.filter((worker) => worker.left_days_ago === undefined).map((worker): DefinedWorker => {
    const handlers = defineHandlers(Object.fromEntries(worker.kinds.map((kind) => [kind, { payload: LivePayload, run: act }])));
    const agent = defineWorker({
      url: at.url,
      key: at.key,
      workerId: worker.id,
      name: worker.name,
      type: worker.worker_type,
      version: worker.version,
      slots: worker.slots,
      queues: [...worker.queues],
      labels: { demo: 'true' },
      handlers,
      stateDir: join(at.folder, worker.name),
      graceMs: GRACE_MS,
      log: pino({ level: 'error' }, pino.destination(2)),
    });
    agent.start().catch(() => undefined);
    return agent;
  });
  return {
    async stop() {
      await Promise.all(agents.map((agent) => agent.stop()));
    },
  };
}
