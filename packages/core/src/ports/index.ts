export type { AuditDraft, AuditLog, AuditNotes } from './audit.ts';
export type { Commits, GroupKind } from './commits.ts';
export type {
  CoreContext,
  EgressDefaults,
  HistoryEntry,
  HistoryRecorder,
  Hub,
  Lane,
  LaneKey,
  LeasedRow,
  Lanes,
  Logger,
  ParkedClaim,
  ParkedClaims,
  Queues,
  QueueSettings,
  Reservation,
  Roster,
  WorkerCapabilities,
} from './context.ts';
export type { DatabaseCapabilities, DatabaseHandle, Statement, StatementRunner, WakeBus, Writer } from './database.ts';
export type {
  BucketRange,
  EarlierMonitor,
  EarlierMonitors,
  EventChunk,
  HistoryPage,
  HistoryRules,
  HistoryStore,
  RecordedRun,
  RecordOptions,
  RunBucket,
  RunBuckets,
  RunClass,
  RunCounts,
  RunEvents,
  RunFilter,
} from './history-store.ts';
export type { Notice, NoticeSender, OutgoingNotice, SendOutcome } from './notice-sender.ts';
export type { RateBudgets, RateClass, RateLimiter, RateState } from './rate-limiter.ts';
export type { SecretKey } from './secret-keys.ts';
export type { IdentityProvider, ProviderIdentity, VisitSecrets } from './identity-provider.ts';
