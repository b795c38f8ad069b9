import { GroupCommit } from '../commits/index.ts';
import { EventHub } from '../events/index.ts';
import { ParkedAgents } from '../jobs/index.ts';
import { LaneDirectory } from '../lanes/index.ts';
import { QueueDirectory } from '../queues/index.ts';
import { runOperations } from '../operations/index.ts';
import { runRetention } from '../retention/index.ts';
import { checkDrift, foldStatistics } from '../stats/index.ts';
import type { CoreContext, DatabaseHandle, Logger } from '../ports/index.ts';
import { WorkerRoster } from '../workers/index.ts';
import { nextWakeMs, promoteDue } from '../workloads/index.ts';
import { Loop } from './loop.ts';
import { sweep, SWEEP_MS } from './sweep.ts';

export interface CoreOptions {
  readonly database: DatabaseHandle;
  readonly log?: Logger;
  /** This process's clock; tests may bring their own. */
  readonly now?: () => number;
}

/** Everything the verbs use, with the background work that keeps time. */
export interface Core extends CoreContext {
  /** Starts sweeping, promoting and the safety poll. */
  start(): void;
  /** Ends long polls and loops, and waits until what was accepted is committed. */
  stop(): Promise<void>;
  figures(): { flushes: number; rows: number; waiting: number; busy_writers: number; parked_claims: number };
}

const SILENT: Logger = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Wake-ups only hint; this often every reader and parked agent looks for itself when other servers share the database. */
const SAFETY_POLL_MS = 2000;
const MAX_SLEEP_MS = 60_000;
/** Statistics over time follow the log by this much; a read of them catches up first. */
const FOLD_DELAY_MS = 1000;
const DRIFT_CHECK_MS = 3_600_000;
const RETENTION_MS = 3_600_000;
const MAINTAIN_MS = 60_000;

function topicId(topic: string, prefix: string): string | null {
  return topic.startsWith(prefix) ? topic.slice(prefix.length) : null;
}

/** Builds the core on an open, migrated database. */
export async function createCore(options: CoreOptions): Promise<Core> {
  const { database } = options;
  const log = options.log ?? SILENT;
  const lanes = new LaneDirectory(database);
  const queues = new QueueDirectory(database);
  const parked = new ParkedAgents();
  const roster = new WorkerRoster(database);
  const commits = new GroupCommit({ writers: database.writers });
  await Promise.all([lanes.refresh(), queues.refresh()]);
  const epoch = await database.db.selectFrom('setting').select('value').where('key', '=', 'log_epoch').executeTakeFirstOrThrow();

  const promoter = new Loop('promote', log, async () => {
    await promoteDue(core);
    return Math.min(MAX_SLEEP_MS, (await nextWakeMs(core)) ?? MAX_SLEEP_MS);
  });
  const reread = (directory: { refresh(): Promise<void> }): void => {
    directory.refresh().then(
      () => parked.wake('*'),
      (error: unknown) => log.warn({ err: error }, 'lanes or queues could not be read'),
    );
  };
  const route = (topics: readonly string[]): void => {
    const woken: number[] = [];
    for (const topic of topics) {
      const lane = topicId(topic, 'lane:');
      if (lane !== null) woken.push(Number(lane));
      else if (topic === 'lanes') reread(lanes);
      else if (topic === 'queues') reread(queues);
      else if (topic === 'wake') promoter.nudge();
      else if (topic === '*') {
        roster.forget('*');
        reread(lanes);
        reread(queues);
      } else {
        const worker = topicId(topic, 'worker:');
        if (worker !== null) roster.forget(worker);
      }
    }
    if (woken.length > 0) parked.wake(woken);
  };
  const hub = new EventHub(database.wake, route);
  const sweeper = new Loop('sweep', log, async () => {
    await sweep(core);
    return SWEEP_MS;
  });
  const maintainer = new Loop('maintain', log, async () => {
    await database.maintain();
    return MAINTAIN_MS;
  });
  const folder = new Loop('fold statistics', log, async () => {
    await foldStatistics(core);
    return MAX_SLEEP_MS;
  });
  const drift = new Loop('check drift', log, async () => {
    await checkDrift(core);
    return DRIFT_CHECK_MS;
  });
  const cleaner = new Loop('retention', log, async () => {
    const removed = await runRetention(core, { dry_run: false });
    log.info({ ...removed.workloads, events: removed.events }, 'removed what retention no longer keeps');
    return RETENTION_MS;
  });
  const operator = new Loop('bulk actions', log, async () => {
    await runOperations(core);
    return MAX_SLEEP_MS;
  });
  hub.listen('operations', () => operator.nudge());
  let foldSoon: NodeJS.Timeout | undefined;
  hub.listen('workloads', () => {
    foldSoon ??= setTimeout(() => {
      foldSoon = undefined;
      folder.nudge();
    }, FOLD_DELAY_MS).unref();
  });
  let safety: NodeJS.Timeout | undefined;

  const core: Core = {
    database,
    commits,
    lanes,
    queues,
    parked,
    roster,
    hub,
    log,
    logEpoch: String(epoch.value),
    now: options.now ?? (() => Date.now()),
    start() {
      sweeper.start();
      promoter.start();
      folder.start();
      drift.start();
      cleaner.start();
      operator.start();
      if (!database.capabilities.has_autovacuum) maintainer.start();
      if (database.capabilities.is_shared) {
        safety = setInterval(() => {
          parked.wake('*');
          hub.raiseAll();
        }, SAFETY_POLL_MS);
        safety.unref();
      }
    },
    async stop() {
      clearInterval(safety);
      parked.close();
      clearTimeout(foldSoon);
      await Promise.all([sweeper, promoter, maintainer, folder, drift, cleaner, operator].map((loop) => loop.stop()));
      await commits.drain();
      hub.close();
    },
    figures: () => ({ ...commits.figures, parked_claims: parked.count }),
  };
  return core;
}
