import { sql } from 'kysely';
import { NoteQueue, recordAudit } from '../audit/index.ts';
import { GroupCommit } from '../commits/index.ts';
import { EventHub } from '../events/index.ts';
import { HistoryQueue, writeHistory } from '../history/index.ts';
import { closeLeases, closeRow, ParkedAgents } from '../jobs/index.ts';
import { LaneDirectory } from '../lanes/index.ts';
import type {
  AuditDraft,
  CoreContext,
  DatabaseHandle,
  EgressDefaults,
  HistoryRules,
  HistoryStore,
  LeasedRow,
  Logger,
  NoticeSender,
  SecretKey,
} from '../ports/index.ts';
import { QueueDirectory } from '../queues/index.ts';
import { HISTORY_RULES, SqlHistoryStore } from '../runs/index.ts';
import { WorkerRoster } from '../workers/index.ts';
import { createBackground } from './background.ts';
import { routeTopics } from './route-topics.ts';

export interface CoreOptions {
  readonly database: DatabaseHandle;
  readonly log?: Logger;
  /** Where the history of monitors lives; in the database unless told. */
  readonly runs?: (context: () => CoreContext, rules: HistoryRules) => HistoryStore;
  /** Delivers notices; without one they wait in the ledger. */
  readonly notices?: (context: () => CoreContext) => NoticeSender;
  /** Nothing but public targets unless told. */
  readonly egress?: EgressDefaults;
  /** No secrets without one. */
  readonly secretKeys?: readonly SecretKey[];
  /** This process's clock; tests may bring their own. */
  readonly now?: () => number;
}

export interface CoreFigures {
  readonly flushes: number;
  readonly rows: number;
  readonly waiting: number;
  readonly busy_writers: number;
  readonly parked_claims: number;
  readonly history_written_total: number;
  readonly history_failed_total: number;
  readonly history_pending: number;
  readonly publishing_drift_checks_total: number;
  readonly publishing_drift_repaired_total: number;
}

/** Everything the verbs use, with the background work that keeps time. */
export interface Core extends CoreContext {
  /** Starts sweeping, promoting, folding and cleaning. */
  start(): void;
  /** Ends long polls and background work, and waits until what was accepted is committed. */
  stop(): Promise<void>;
  figures(): CoreFigures;
}

const SILENT: Logger = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Hands a lease back whose agent had gone when it was made; should that fail too, the lease runs out. */
function giveBack(ctx: CoreContext, row: LeasedRow): void {
  const release = closeRow({ id: row.id, epoch: row.lease_epoch, worker: row.worker_id, op: 'release' });
  closeLeases(ctx, [release]).catch((error: unknown) =>
    ctx.log.warn({ err: error, workload_id: row.id }, 'a lease could not be given back'),
  );
}

/** Builds the core on an open, migrated database. */
export async function createCore(options: CoreOptions): Promise<Core> {
  const { database } = options;
  const log = options.log ?? SILENT;
  const lanes = new LaneDirectory(database);
  const queues = new QueueDirectory(database);
  const parked = new ParkedAgents((row) => giveBack(context, row));
  const roster = new WorkerRoster(database);
  const commits = new GroupCommit({ writers: database.writers });
  await Promise.all([lanes.refresh(), queues.refresh()]);
  const epoch = await database.db
    .selectFrom('setting')
    .select(sql<string>`value #>> '{}'`.as('text'))
    .where('key', '=', 'log_epoch')
    .executeTakeFirstOrThrow();

  const hub = new EventHub(database.wake, routeTopics({ lanes, queues, parked, roster, log, onWake: () => background.nudgePromoter() }));
  const now = options.now ?? (() => Date.now());
  const history = new HistoryQueue({ write: (batch) => writeHistory(database, roster, batch), log, now });
  const record = (draft: AuditDraft): Promise<void> => recordAudit({ commits }, draft);
  const notes = new NoteQueue(record, log);
  const itself = (): CoreContext => context;
  const context: CoreContext = {
    database,
    commits,
    lanes,
    queues,
    parked,
    roster,
    hub,
    history,
    audit: { record, note: (draft) => notes.note(draft), flush: () => notes.flush() },
    runs: options.runs?.(itself, HISTORY_RULES) ?? new SqlHistoryStore(itself, database.db),
    notices: options.notices?.(itself) ?? null,
    egress: options.egress ?? { allow: [], is_local: false },
    secretKeys: options.secretKeys ?? [],
    log,
    logEpoch: epoch.text,
    now,
  };
  const background = createBackground(context, hub);
  return {
    ...context,
    start: () => background.start(),
    async stop() {
      parked.close();
      await background.stop();
      await notes.flush();
      await commits.drain();
      await history.close();
      hub.close();
    },
    figures: () => ({ ...commits.figures, ...history.figures, ...background.figures, parked_claims: parked.count }),
  };
}
