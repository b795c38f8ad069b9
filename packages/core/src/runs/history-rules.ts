import type { HistoryRules } from '../ports/index.ts';
import { classOf } from '../stats/index.ts';
import { streamOf } from './append-step-events.ts';
import { runCompleteEvent } from './sql-history-store.ts';
import { liveEventOf } from './to-live-event.ts';

/** What stores of other kinds must do as the tables do. */
export const HISTORY_RULES: HistoryRules = { classOf, topicOf: streamOf, endOf: runCompleteEvent, toLive: liveEventOf };
