import { sql } from 'kysely';
import { expect } from 'vitest';
import { AppError } from '../errors.ts';
import type { ReportItem, ReportResult } from '../jobs/contract.ts';
import { claimJobs, sweepLeases } from '../jobs/index.ts';
import { settleGrants } from '../leases/index.ts';
import { cancelWorkload, promoteDue, retryWorkload, updateWorkload } from '../workloads/index.ts';
import { WORKLOAD_STATUSES, type WorkloadStatus } from '../workloads/contract.ts';
import type { TestCore } from './create-test-core.ts';
import type { Command, Rival } from './model-commands.ts';
import { expectInvariants, type FinalRows } from './model-invariants.ts';
import {
  cancelModel,
  claimModel,
  endGraceModel,
  expireModel,
  isDue,
  newModelWorkload,
  reportModel,
  retryModel,
  updateModel,
  type ModelReport,
  type ModelWorkload,
} from './model.ts';
import { resetCore } from './reset-core.ts';
import { setLeases } from './set-leases.ts';

type Of<Do extends Command['do']> = Extract<Command, { do: Do }>;

async function codeOf(call: Promise<unknown>): Promise<string | null> {
  try {
    await call;
    return null;
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

function toItem(workload: ModelWorkload, report: ModelReport): ReportItem {
  const base = {
    job_id: workload.id,
    lease_epoch: report.epoch,
    ...(report.requestId === null ? {} : { request_id: report.requestId }),
    ...(report.cursor === null ? {} : { cursor: report.cursor }),
    ...(report.keys === null ? {} : { keys_scanned: report.keys }),
  };
  return report.op === 'fail'
    ? { ...base, op: 'fail', error: 'broken', retryable: report.isRetryable, reason: 'error' }
    : { ...base, op: report.op };
}

/** Runs histories on a real core, side by side with the model, and compares after every step. */
export class ModelRun {
  readonly #test: TestCore;
  readonly #workers: readonly string[];
  readonly #workloads: ModelWorkload[] = [];
  readonly #byKey = new Map<string, { workload: ModelWorkload; body: string }>();
  readonly #finals: FinalRows = new Map();

  private constructor(test: TestCore, workers: readonly string[]) {
    this.#test = test;
    this.#workers = workers;
  }

  static async play(test: TestCore, history: readonly Command[]): Promise<void> {
    await resetCore(test);
    const run = new ModelRun(test, [await test.worker(), await test.worker(), await test.worker()]);
    for (const command of history) await run.#step(command);
    await run.#check();
  }

  #target(index: number): ModelWorkload {
    const workload = this.#workloads[index % this.#workloads.length];
    if (workload === undefined) throw new Error('a history begins with a creation');
    return workload;
  }

  #worker(index: number): string {
    return this.#workers[index % this.#workers.length] ?? '';
  }

  async #step(command: Command): Promise<void> {
    switch (command.do) {
      case 'create':
        return this.#create(command);
      case 'claim':
        return this.#claim(this.#worker(command.worker), command.max);
      case 'hand_over':
        return this.#handOver(command);
      case 'report':
        return this.#report(command);
      case 'wake':
        await this.#wake();
        return;
      case 'check':
        return this.#check();
      case 'race':
        return this.#race(this.#target(command.target), command.rivals);
      default:
        await this.#act(command);
        await this.#compare(this.#target(command.target));
    }
  }

  async #act(command: Of<'cancel' | 'retry' | 'update' | 'expire' | 'end_grace'>): Promise<void> {
    const workload = this.#target(command.target);
    const { core } = this.#test;
    const { id } = workload;
    if (command.do === 'cancel') expect(await codeOf(cancelWorkload(core, { id }))).toBe(cancelModel(workload));
    else if (command.do === 'retry') {
      const { keepsCheckpoint } = command;
      expect(await codeOf(retryWorkload(core, { id, keep_checkpoint: keepsCheckpoint }))).toBe(retryModel(workload, keepsCheckpoint));
    } else if (command.do === 'update')
      expect(await codeOf(updateWorkload(core, { id, status: command.to }))).toBe(updateModel(workload, command.to));
    else if (command.do === 'expire') {
      await this.#expire(id);
      expireModel(workload);
    } else {
      await setLeases(core, sql`cancel_deadline_at = now() - interval '1 s'`, sql`workload_id = ${id} and cancel_requested_at is not null`);
      await sweepLeases(core);
      endGraceModel(workload);
    }
  }

  async #create(command: Of<'create'>): Promise<void> {
    const { maxAttempts, maxLosses } = command;
    const key = command.key === null ? null : `key-${command.key}`;
    const body = `${maxAttempts} ${maxLosses}`;
    const input = {
      max_attempts: maxAttempts,
      max_lease_losses: maxLosses,
      backoff_ms: 0,
      ...(key === null ? {} : { idempotency_key: key }),
    };
    const known = key === null ? undefined : this.#byKey.get(key);
    if (known === undefined) {
      const workload = newModelWorkload((await this.#test.submit(input)).id, command);
      this.#workloads.push(workload);
      if (key !== null) this.#byKey.set(key, { workload, body });
      await this.#compare(workload);
    } else if (known.body === body) expect((await this.#test.submit(input)).id).toBe(known.workload.id);
    else expect(await codeOf(this.#test.submit(input))).toBe('CONFLICT');
  }

  async #claim(worker: string, max: number): Promise<void> {
    const due = this.#workloads.filter(isDue);
    const jobs = await this.#test.claim(worker, max);
    expect(jobs.length).toBe(Math.min(max, due.length));
    for (const job of jobs) {
      const workload = due.find((candidate) => candidate.id === job.job_id);
      if (workload === undefined) throw new Error(`${job.job_id} was handed out and was not due`);
      claimModel(workload, worker);
      expect(job).toMatchObject({ lease_epoch: workload.epoch, attempt: workload.attempt, checkpoint: workload.checkpoint });
      await this.#compare(workload);
    }
  }

  async #handOver(command: Of<'hand_over'>): Promise<void> {
    if (this.#workloads.some(isDue)) return;
    const { core } = this.#test;
    const worker = this.#worker(command.worker);
    const claim = claimJobs(core, { worker_id: worker, max: 1, wait_ms: 30_000 });
    while (core.parked.count === 0) await new Promise((resolve) => setImmediate(resolve));
    const made = await this.#test.submit({ max_attempts: command.maxAttempts, max_lease_losses: command.maxLosses, backoff_ms: 0 });
    const { jobs } = await claim;
    const workload = newModelWorkload(made.id, command);
    this.#workloads.push(workload);
    claimModel(workload, worker);
    expect(jobs).toMatchObject([{ job_id: made.id, attempt: 1, lease_epoch: 1, checkpoint: null }]);
    await this.#compare(workload);
  }

  async #report(command: Of<'report'>): Promise<void> {
    const workload = this.#target(command.target);
    const holder = workload.worker ?? this.#worker(0);
    const worker = command.isForeign ? (this.#workers.find((candidate) => candidate !== holder) ?? holder) : holder;
    const requestId = command.requestId === null ? null : `request-${command.requestId}`;
    const { op, isRetryable, cursor, keys } = command;
    const report: ModelReport = {
      op,
      worker,
      epoch: Math.max(0, workload.epoch + command.epochShift),
      requestId,
      isRetryable,
      cursor,
      keys,
    };
    const item = toItem(workload, report);
    const isTwice = command.isTwice && requestId !== null;
    const results = await this.#test.report(worker, ...(isTwice ? [item, item] : [item]));
    const expected = results.map(() => reportModel(workload, report));
    expect(results.map((result: ReportResult) => (result.ok ? null : result.code))).toEqual(expected);
    await this.#compare(workload);
  }

  async #wake(): Promise<void> {
    await sql`update workload set wake_at = now() where wake_at is not null`.execute(this.#test.core.database.db);
    expect(await promoteDue(this.#test.core)).toBe(this.#workloads.filter((workload) => workload.isWaiting).length);
    for (const workload of this.#workloads) workload.isWaiting = false;
  }

  async #expire(id: string): Promise<void> {
    await setLeases(this.#test.core, sql`expires_at = now() - interval '1 s'`, sql`workload_id = ${id}`);
    await sweepLeases(this.#test.core);
  }

  async #compare(workload: ModelWorkload): Promise<void> {
    const row = await this.#read(workload.id);
    const { id, status, epoch, attempt, losses, worker, isWaiting, isCancelRequested, checkpoint, keys } = workload;
    expect(row).toEqual({ id, status, epoch, attempt, losses, worker, isWaiting, isCancelRequested, checkpoint, keys });
  }

  async #read(id: string): Promise<Record<string, unknown>> {
    const { rows } = await sql<{ checkpoint: string | null }>`
      select w.id, w.status, w.lease_epoch as epoch, w.attempt, w.lease_losses as losses, w.worker_id as worker, w.wake_at is not null as "isWaiting",
        w.cancel_requested_at is not null as "isCancelRequested", coalesce(l.checkpoint, w.checkpoint) as checkpoint,
        case when w.keys_scanned is null and l.keys_scanned is null then null else coalesce(w.keys_scanned, 0) + coalesce(l.keys_scanned, 0) end as keys
      from workload w left join lease l on l.workload_id = w.id where w.id = ${id}`.execute(this.#test.core.database.db);
    const [row] = rows;
    if (row === undefined) throw new Error(`${id} is lost`);
    return { ...row, checkpoint: row.checkpoint === null ? null : Number(row.checkpoint) };
  }

  #rival(workload: ModelWorkload, rival: Rival): Promise<unknown> {
    const { core } = this.#test;
    const { id, epoch } = workload;
    const worker = workload.worker ?? this.#worker(0);
    if (WORKLOAD_STATUSES.includes(rival as WorkloadStatus)) return updateWorkload(core, { id, status: rival as WorkloadStatus });
    if (rival === 'cancel') return cancelWorkload(core, { id });
    if (rival === 'expire') return this.#expire(id);
    if (rival === 'claim') return this.#test.claim(this.#worker(1));
    const report: ModelReport = {
      op: rival as ModelReport['op'],
      worker,
      epoch,
      requestId: null,
      isRetryable: true,
      cursor: null,
      keys: null,
    };
    return this.#test
      .report(worker, toItem(workload, report))
      .then(([result]) => (result?.ok === true && rival !== 'checkpoint' ? 'closed' : null));
  }

  /** Several act at once: nobody can say who wins, but one lease is closed once, and the state is one the rules allow. */
  async #race(workload: ModelWorkload, rivals: readonly Rival[]): Promise<void> {
    const outcomes = await Promise.allSettled(rivals.map((rival) => this.#rival(workload, rival)));
    for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(AppError);
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled' && outcome.value === 'closed').length).toBeLessThanOrEqual(1);
    for (const each of this.#workloads) await this.#adopt(each);
    await this.#check();
  }

  async #adopt(workload: ModelWorkload): Promise<void> {
    const wasFinal = workload.status;
    const row = await this.#read(workload.id);
    expect(row['epoch']).toBeGreaterThanOrEqual(workload.epoch);
    const { db } = this.#test.core.database;
    await settleGrants(this.#test.core, 0);
    const lease = await db.selectFrom('lease').select('last_request_id').where('workload_id', '=', workload.id).executeTakeFirst();
    const attempts = await db
      .selectFrom('tried')
      .select(['lease_epoch', 'outcome', 'request_id', 'error'])
      .where('workload_id', '=', workload.id)
      .execute();
    Object.assign(workload, row, { isLeased: lease !== undefined, lastCheckpointRequest: lease?.last_request_id ?? null });
    for (const { lease_epoch, outcome, request_id, error } of attempts)
      workload.closed.set(lease_epoch, { outcome, requestId: request_id, isError: error !== null });
    if (wasFinal === 'completed') expect(workload.status).toBe('completed');
  }

  #check(): Promise<void> {
    const reopened = (id: string): number => this.#workloads.find((workload) => workload.id === id)?.reopened ?? 0;
    return expectInvariants(this.#test.core, { finals: this.#finals, reopened });
  }
}
