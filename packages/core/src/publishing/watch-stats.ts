import { setTimeout as delay } from 'node:timers/promises';
import { invalid } from '../errors.ts';
import type { CoreContext } from '../ports/index.ts';
import type { LiveStats, PublishingStatsInput } from './contract.ts';
import { getCampaignStats } from './get-campaign-stats.ts';
import { getOrchestratorStats } from './get-orchestrator-stats.ts';
import { getOverviewStats } from './get-overview-stats.ts';
import { getPlatformStats } from './get-platform-stats.ts';
import { getQueueStats } from './get-queue-stats.ts';

/** Between two answers to one viewer. */
const PACE_MS = 1000;
/** Ages grow, and records change that tell no topic: so often it is looked at without news. */
const REFRESH_MS = 5000;
/** Streams of what the figures are made of. */
const TOPICS = ['publications', 'workloads'] as const;

interface Reading {
  readonly at: number;
  readonly stats: Promise<LiveStats>;
}

/** The last reading per database and filter: viewers of one moment share it. */
const readings = new WeakMap<object, Map<string, Reading>>();

async function readAll(ctx: CoreContext, input: PublishingStatsInput): Promise<LiveStats> {
  const [overview, queue, orchestrator, platforms, campaigns] = await Promise.all([
    getOverviewStats(ctx, input),
    getQueueStats(ctx, input),
    getOrchestratorStats(ctx, input),
    getPlatformStats(ctx, input),
    getCampaignStats(ctx, input),
  ]);
  return { type: 'publishing.stats', overview, queue, orchestrator, platforms, campaigns };
}

function readShared(ctx: CoreContext, input: PublishingStatsInput): Promise<LiveStats> {
  const known = readings.get(ctx.database) ?? new Map<string, Reading>();
  readings.set(ctx.database, known);
  const key = JSON.stringify(input);
  const now = performance.now();
  for (const [old, reading] of known) if (now - reading.at > REFRESH_MS) known.delete(old);
  const last = known.get(key);
  if (last !== undefined && now - last.at < PACE_MS / 2) return last.stats;
  const stats = readAll(ctx, input);
  known.set(key, { at: now, stats });
  return stats;
}

/**
 * The five statistics, at once and whenever they differ, at most once a second. Each answer is whole, so one that was missed is made
 * good by the next. Ends when `signal` aborts. @throws {AppError} VALIDATION for a window: it does not move.
 */
export async function* watchStats(ctx: CoreContext, input: PublishingStatsInput, signal: AbortSignal): AsyncGenerator<LiveStats, void> {
  if (input.from !== undefined || input.to !== undefined) throw invalid('from', 'must be left out: live figures are of everything');
  let news = Promise.withResolvers<void>();
  const raise = (): void => news.resolve();
  const stops = TOPICS.map((topic) => ctx.hub.listen(topic, raise));
  signal.addEventListener('abort', raise, { once: true });
  try {
    let told = '';
    while (!signal.aborted) {
      // Renewed before the read, so that a change during it is seen.
      news = Promise.withResolvers<void>();
      const stats = await readShared(ctx, input);
      const text = JSON.stringify(stats);
      if (text !== told) {
        told = text;
        yield stats;
      }
      await delay(PACE_MS, undefined, { signal }).catch(() => undefined);
      const waiting = new AbortController();
      if (!signal.aborted)
        await Promise.race([
          news.promise,
          delay(REFRESH_MS - PACE_MS, undefined, { signal: waiting.signal, ref: false }).catch(() => undefined),
        ]);
      waiting.abort();
    }
  } finally {
    for (const stop of stops) stop();
    signal.removeEventListener('abort', raise);
  }
}
