export type { Commits, GroupKind } from './commits.ts';
export type {
  CoreContext,
  HistoryEntry,
  HistoryRecorder,
  Hub,
  Lane,
  LaneKey,
  Lanes,
  Logger,
  ParkedClaims,
  Queues,
  QueueSettings,
  Roster,
  WorkerCapabilities,
} from './context.ts';
export type { DatabaseCapabilities, DatabaseHandle, Statement, StatementRunner, WakeBus, Writer } from './database.ts';
export type { EventChunk, HistoryPage, HistoryStore, RecordedRun, RunCounts, RunEvents, RunFilter } from './history-store.ts';
