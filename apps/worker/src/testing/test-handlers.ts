import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { defineHandlers, PermanentError } from '@tidemark/sdk';

let running = 0;
let most = 0;

async function waitForFile(path: string, signal: AbortSignal): Promise<void> {
  while (!existsSync(path)) await delay(20, undefined, { signal });
}

/** Handlers for the tests of the agent. */
export const handlers = defineHandlers({
  /** Counts to `total` with a checkpoint per step; the first attempt waits at `stop_at` until `gate` exists. */
  counting: {
    payload: z.strictObject({ total: z.int(), stop_at: z.int(), gate: z.string() }),
    run: async (job) => {
      const from = typeof job.cursor === 'number' ? job.cursor : 0;
      for (let at = from + 1; at <= job.payload.total; at += 1) {
        await job.checkpoint({ cursor: at, keys_scanned: 10, progress: { done: at, total: job.payload.total } });
        job.log(`at ${at}`);
        if (from === 0 && at === job.payload.stop_at) await waitForFile(job.payload.gate, job.signal);
      }
      return { from, total: job.payload.total };
    },
  },
  /** Tells how many of its kind ran at the same time. */
  crowd: {
    payload: z.strictObject({ ms: z.int() }),
    run: async (job) => {
      running += 1;
      most = Math.max(most, running);
      await delay(job.payload.ms);
      running -= 1;
      return { most };
    },
  },
  failing: {
    payload: z.strictObject({ permanent: z.boolean() }),
    run: (job) => Promise.reject(job.payload.permanent ? new PermanentError('never again') : new Error('this time')),
  },
  /** Ends with a large cursor that is still to be told and a large output that grows in JSON. */
  bulky: {
    payload: z.strictObject({}),
    run: async (job) => {
      for (const letter of ['a', 'b']) void job.checkpoint({ cursor: letter.repeat(250_000) });
      return '"'.repeat(450_000);
    },
  },
  /** Makes checkpoints of any size. */
  saving: {
    payload: z.strictObject({ chars: z.int(), awaits: z.boolean() }),
    run: async (job) => {
      const saved = [1, 2].map(() => job.checkpoint({ cursor: 'c'.repeat(job.payload.chars) }));
      if (job.payload.awaits) await Promise.all(saved);
      else void Promise.allSettled(saved);
      return 'saved';
    },
  },
  deaf: {
    payload: z.strictObject({}),
    run: async (job) => {
      await job.checkpoint({ cursor: 'deaf' });
      return new Promise(() => undefined);
    },
  },
});
