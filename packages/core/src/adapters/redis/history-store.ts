import type { Transaction } from 'kysely';
import type { Database } from '../../db/schema.ts';
import type { CoreContext } from '../../ports/context.ts';
import type {
  EarlierMonitors,
  HistoryPage,
  HistoryRules,
  HistoryStore,
  RecordedRun,
  RecordOptions,
  RunBuckets,
  RunCounts,
  RunFilter,
} from '../../ports/history-store.ts';
import type { Incident, Run, TimingPoint } from '../../runs/contract.ts';
import type { RedisConnection } from './connection.ts';
import { RedisEarlierMonitors } from './earlier-monitors.ts';
import { keysOf, type MonitorKeys } from './keys.ts';
import { OtherLayout } from './other-layout.ts';
import { formatIncident, formatRun, parseIncident, parseRun, parseTiming } from './record-format.ts';
import { RedisRunBuckets } from './run-buckets.ts';
import { fieldsOf, RedisRunEvents } from './run-events.ts';
import { pairs, RunIndex } from './run-index.ts';
import { FIND_RUNS, READ_PAGE } from './scripts/read-history.ts';
import { RECORD_RUN } from './scripts/record-run.ts';
import { TRIM } from './scripts/index-results.ts';

/** What is kept. Runs a day longer than the longest window of an uptime, so that its edge is exact. */
export interface HistoryLimits {
  readonly keep_days: number;
  readonly most_runs: number;
  readonly keep_incident_days: number;
  readonly most_incidents: number;
  readonly most_events: number;
}

export const DEFAULT_LIMITS: HistoryLimits = {
  keep_days: 31,
  most_runs: 200_000,
  keep_incident_days: 90,
  most_incidents: 1000,
  most_events: 1000,
};
const KEEP_COUNTS_DAYS = { minutes: 8, hours: 100, days: 1825 } as const;
const TRIM_BATCH = 1000;

const flag = (value: boolean): number => (value ? 1 : 0);

interface Listed<Entry> {
  readonly entries: Entry[];
  readonly total: number;
}

interface PageOf<Entry> {
  readonly key: string;
  readonly read: (member: string, score: number) => Entry | null;
  readonly page: HistoryPage & RunFilter;
}

/**
 * What cannot be read has a place in its list and none on a page: more is read until the page is full or the list ends, so that a
 * short page is always the last one. `lost` is how many of those that were read it was.
 */
async function fill<Entry>(limit: number, read: (limit: number) => Promise<Listed<Entry> & { lost: number }>): Promise<Listed<Entry>> {
  for (let asked = limit; ; asked *= 2) {
    const { entries, total, lost } = await read(asked);
    if (lost === 0 || entries.length >= limit || asked >= total) return { entries: entries.slice(0, limit), total };
  }
}

/** Newest first by score, then by run id: the order of every list. */
function byAge(left: { score: number; run_id: string }, right: { score: number; run_id: string }): number {
  return right.score - left.score || (left.run_id < right.run_id ? 1 : left.run_id > right.run_id ? -1 : 0);
}

/**
 * The history of monitors in the key layout of requirement 002, on one Redis or a Redis Cluster. A run is recorded by one script,
 * once by its id; recording again after a failure changes nothing.
 */
export class RedisHistoryStore implements HistoryStore {
  readonly capabilities = { is_transactional: false };
  readonly events: RedisRunEvents;
  readonly buckets: RunBuckets;
  readonly earlier: EarlierMonitors;
  readonly #redis: RedisConnection;
  readonly #context: () => CoreContext;
  readonly #rules: HistoryRules;
  readonly #limits: HistoryLimits;
  readonly #index: RunIndex;
  readonly #other: OtherLayout;

  constructor(redis: RedisConnection, of: { context: () => CoreContext; rules: HistoryRules; limits?: HistoryLimits }) {
    this.#redis = redis;
    this.#context = of.context;
    this.#rules = of.rules;
    this.#limits = of.limits ?? DEFAULT_LIMITS;
    this.#index = new RunIndex(redis, of.rules.classOf);
    this.#other = new OtherLayout(redis);
    const find = (testId: string): Promise<MonitorKeys> => this.#keys(testId);
    this.events = new RedisRunEvents(redis, { ...of, keys: find, most: this.#limits.most_events });
    this.buckets = new RedisRunBuckets(redis, { keys: find, index: this.#index });
    this.earlier = new RedisEarlierMonitors(redis);
  }

  async record(_tx: Transaction<Database>, runs: readonly RecordedRun[], how?: RecordOptions): Promise<void> {
    if (runs.length === 0) return;
    await this.events.flush();
    const keys = new Map<string, MonitorKeys>();
    for (const id of new Set(runs.map((run) => run.test_id))) keys.set(id, await this.#keys(id));
    const isSilent = how?.is_silent === true;
    await Promise.all(runs.map((run) => this.#recordOne(run, keys.get(run.test_id) ?? this.#namesOf(run.test_id), isSilent)));
  }

  async remove(_tx: Transaction<Database>, testId: string): Promise<void> {
    await this.#redis.ask((client) => Promise.all(Object.values(this.#namesOf(testId)).map((key: string) => client.unlink(key))));
    await this.#other.remove(testId);
  }

  async findRun(testId: string, runId: string): Promise<Run | null> {
    const keys = await this.#keys(testId);
    const [found] = await this.#runsOf(keys, [runId]);
    if (found !== undefined) return found;
    await this.#index.refresh(keys);
    return (await this.#runsOf(keys, [runId]))[0] ?? null;
  }

  async listRuns(testId: string, page: HistoryPage & RunFilter): Promise<{ runs: Run[]; total: number }> {
    const keys = await this.#keys(testId);
    if (page.passed === undefined) {
      const read = (member: string, score: number): Run | null => parseRun(member, score);
      const { entries: runs, total } = await this.#page(keys, { key: keys.results, read, page });
      return { runs, total };
    }
    await this.#index.refresh(keys);
    const key = page.passed ? keys.passed : keys.failed;
    const read = (member: string): { run_id: string } => ({ run_id: member });
    const { entries, total } = await this.#page(keys, { key, read, page });
    const runs = await this.#runsOf(
      keys,
      entries.map((entry) => entry.run_id),
    );
    return { runs, total };
  }

  async listTiming(testId: string, page: HistoryPage): Promise<{ timing: TimingPoint[]; total: number }> {
    const keys = await this.#keys(testId);
    const { entries: timing, total } = await this.#page(keys, { key: keys.timing, read: parseTiming, page });
    return { timing, total };
  }

  async listIncidents(testId: string, page: HistoryPage): Promise<{ incidents: Incident[]; total: number }> {
    const { incidents: key } = await this.#keys(testId);
    const { before } = page;
    const read = async (from: number, to: number): Promise<Listed<Incident> & { lost: number }> => {
      const [total, found] = await this.#redis.ask((client) => Promise.all([client.llen(key), client.lrange(key, from, to)]));
      const entries = found.map((entry) => parseIncident(testId, entry)).filter((entry) => entry !== null);
      return { entries, total, lost: found.length - entries.length };
    };
    if (before === undefined) {
      const { entries, total } = await fill(page.limit, (limit) => read(page.offset, page.offset + limit - 1));
      return { incidents: entries, total };
    }
    const { entries: incidents, total } = await read(0, -1);
    const at = incidents.findIndex((entry) => entry.run_id === before.run_id);
    const later = at < 0 ? incidents.findIndex((entry) => entry.started_at < before.started_at) : at + 1;
    return { incidents: later < 0 ? [] : incidents.slice(later, later + page.limit), total };
  }

  countRuns(testIds: readonly string[], window: { from: number; to: number }): Promise<RunCounts[]> {
    return Promise.all(testIds.map(async (testId) => this.#index.count(await this.#keys(testId), window)));
  }

  /** Removes what is older or more than is kept, monitor by monitor. */
  async prune(): Promise<number> {
    const monitors = await this.#context().database.db.selectFrom('monitor').select('id').execute();
    const { keep_days, most_runs, keep_incident_days } = this.#limits;
    const { minutes, hours, days } = KEEP_COUNTS_DAYS;
    let total = 0;
    for (const { id } of monitors) {
      const keys = await this.#keys(id);
      await this.#index.refresh(keys);
      const names = [keys.results, keys.timing, keys.incidents, keys.passed, keys.failed, keys.ignored, keys.runs, keys.rollup];
      for (;;) {
        const limits = [keep_days, most_runs, keep_incident_days, minutes, hours, days, TRIM_BATCH];
        const gone = (await this.#redis.run(TRIM, names, limits)) as number;
        total += gone;
        if (gone < TRIM_BATCH) break;
      }
    }
    return total;
  }

  #namesOf(testId: string): MonitorKeys {
    return keysOf(testId, this.#redis.is_cluster ? 'tagged' : 'plain');
  }

  /** The keys of a monitor, with what lies under their other names taken over. */
  async #keys(testId: string): Promise<MonitorKeys> {
    const keys = this.#namesOf(testId);
    await this.#other.takeOver(testId, keys);
    return keys;
  }

  async #recordOne(run: RecordedRun, keys: MonitorKeys, isSilent: boolean): Promise<void> {
    const { results, timing, incidents, events, test, passed, failed, runs, rollup, told } = keys;
    const { type, ...rest } = this.#rules.endOf(run);
    await this.#redis.run(
      RECORD_RUN,
      [results, timing, incidents, events, test, passed, failed, runs, rollup, told],
      [
        run.run_id,
        Date.parse(run.started_at),
        formatRun(run),
        run.duration_ms,
        flag(run.passed),
        flag(run.is_degraded),
        flag(run.is_flaky),
        this.#rules.classOf(run.duration_ms),
        run.passed ? '' : formatIncident(run),
        run.passed ? 'passed' : 'failed',
        run.started_at,
        this.#limits.most_incidents,
        this.#limits.most_events,
        ...(isSilent ? [] : fieldsOf(type, rest, new Date(this.#context().now()).toISOString())),
      ],
    );
  }

  /** A page of a sorted set. What cannot be read is left out. */
  #page<Entry extends { run_id: string | null }>(keys: MonitorKeys, of: PageOf<Entry>): Promise<Listed<Entry>> {
    return fill(of.page.limit, (limit) => this.#readPage(keys, { ...of, page: { ...of.page, limit } }));
  }

  async #readPage<Entry extends { run_id: string | null }>(
    keys: MonitorKeys,
    of: PageOf<Entry>,
  ): Promise<Listed<Entry> & { lost: number }> {
    const { limit, offset, before, from, to } = of.page;
    const isIndex = of.key === keys.passed || of.key === keys.failed;
    const since = before === undefined ? ['', ''] : [Date.parse(before.started_at), before.run_id];
    const skip = before === undefined ? offset : 0;
    const args = [limit, skip, ...since, from ?? '', to ?? '', isIndex ? 'index' : ''];
    const [total, newer, members] = (await this.#redis.run(READ_PAGE, [of.key, keys.runs], args)) as [number, number, unknown];
    const read = pairs(members);
    const found = read
      .flatMap(({ member, score }) => {
        const entry = of.read(member, score);
        return entry === null ? [] : [{ entry, score, run_id: entry.run_id ?? '' }];
      })
      .sort(byAge);
    const lost = read.length - found.length;
    if (before === undefined) return { entries: found.slice(skip - newer, skip - newer + limit).map(({ entry }) => entry), total, lost };
    const at = found.findIndex((candidate) => candidate.run_id === before.run_id);
    const key = Date.parse(before.started_at);
    const rest = at < 0 ? found.filter(({ score, run_id }) => score * 1000 < key || run_id < before.run_id) : found.slice(at + 1);
    return { entries: rest.slice(0, limit).map(({ entry }) => entry), total, lost };
  }

  /** Runs by their ids, in the order of the ids; those that are not there are left out. */
  async #runsOf(keys: MonitorKeys, ids: readonly string[]): Promise<Run[]> {
    if (ids.length === 0) return [];
    const answer = (await this.#redis.run(FIND_RUNS, [keys.results, keys.runs], ids)) as string[];
    const runs = new Map<string, Run>();
    for (let at = 0; at < answer.length; at += 3) {
      const run = parseRun(answer[at + 1] ?? '', Number(answer[at + 2]));
      if (run !== null && run.run_id === answer[at]) runs.set(run.run_id, run);
    }
    return ids.flatMap((id) => runs.get(id) ?? []);
  }
}
