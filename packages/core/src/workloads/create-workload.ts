import { AppError } from '../errors.ts';
import { newId } from '../ids.ts';
import { forgetFloors } from '../lanes/index.ts';
import type { CoreContext, GroupKind, Lane, LeasedRow, Reservation, StatementRunner, Writer } from '../ports/index.ts';
import type { CreateWorkloadInput, StatusReason, Workload } from './contract.ts';
import {
  ALIKE_COLUMNS,
  CREATE_ALIKE,
  CREATE_COLUMNS,
  CREATE_LEASED,
  CREATE_WORKLOADS,
  LEASED_COLUMNS,
  RARE_COLUMNS,
} from './create-statement.ts';
import { requestHash } from '../request-hash.ts';
import { toWorkload, type WorkloadRow } from './rows.ts';

interface NewRow {
  readonly input: CreateWorkloadInput;
  readonly lane: Lane;
  readonly id: string;
  readonly row: Readonly<Record<(typeof CREATE_COLUMNS)[number], unknown>>;
}

/** What the database decided about a new row. */
interface Made {
  readonly status_reason: string;
  readonly created_at: string;
}

/** Answers for the ids that were inserted. */
type MadeRows = { get(id: string): Made | undefined };

function isolationOf(input: CreateWorkloadInput): string {
  return input.isolation ?? (input.kind === 'script' ? 'isolate' : 'process');
}

function isEmpty(labels: Readonly<Record<string, string>>): boolean {
  for (const _ in labels) return false;
  return true;
}

function ensureLane(ctx: CoreContext, input: CreateWorkloadInput): Promise<Lane> {
  return ctx.lanes.ensure({
    queue: input.queue,
    kind: input.kind,
    isolation: isolationOf(input),
    required_labels: input.required_labels,
  });
}

/** Whether work of this lane is what the input asks for, as far as that can be told without looking at labels. */
function isOfLane({ kind, queue, isolation, required_labels }: Lane, input: CreateWorkloadInput): boolean {
  return (
    kind === input.kind &&
    queue === input.queue &&
    isolation === isolationOf(input) &&
    isEmpty(required_labels) &&
    isEmpty(input.required_labels)
  );
}

function prepare(ctx: CoreContext, input: CreateWorkloadInput, lane: Lane): NewRow {
  const id = newId('wl', ctx.now());
  const row: Record<(typeof CREATE_COLUMNS)[number], unknown> = {
    id,
    lane_id: lane.id,
    priority: input.priority,
    payload: JSON.stringify(input.payload),
    labels: isEmpty(input.labels) ? null : JSON.stringify(input.labels),
    concurrency_key: input.concurrency_key ?? null,
    max_attempts: input.max_attempts,
    max_lease_losses: input.max_lease_losses,
    timeout_ms: input.timeout_ms,
    run_at: input.run_at ?? null,
    start_deadline_at: input.start_deadline_at ?? null,
    deadline_at: input.deadline_at ?? null,
    backoff_ms: input.backoff_ms,
    idempotency_key: input.idempotency_key ?? null,
    request_hash: input.idempotency_key === undefined ? null : requestHash(input),
    leased_to: null,
  };
  return { input, lane, id, row };
}

/** Whether the rows differ in nothing that needs a column of its own. */
function areAlike(rows: readonly NewRow[]): boolean {
  const first = rows[0]?.row;
  return (
    first !== undefined &&
    rows.every(
      ({ row }) => RARE_COLUMNS.every((column) => row[column] === null) && ALIKE_COLUMNS.every((column) => row[column] === first[column]),
    )
  );
}

/** Whether it is a single row for a waiting agent, and nothing is said of it that is rare. */
function isHandOff(rows: readonly NewRow[]): boolean {
  const row = rows[0]?.row;
  return rows.length === 1 && RARE_COLUMNS.every((column) => (row?.[column] === null) !== (column === 'leased_to'));
}

async function insert(runner: StatementRunner, slot: number, rows: readonly NewRow[]): Promise<MadeRows> {
  const column = (name: (typeof CREATE_COLUMNS)[number]): unknown[] => rows.map(({ row }) => row[name]);
  if (isHandOff(rows)) {
    const [made] = await runner.run<Made>(CREATE_LEASED, [slot, ...LEASED_COLUMNS.map((name) => rows[0]?.row[name])]);
    return { get: () => made };
  }
  if (areAlike(rows)) {
    const shared = ALIKE_COLUMNS.map((name) => rows[0]?.row[name]);
    const [made] = await runner.run<Made>(CREATE_ALIKE, [slot, column('id'), column('lane_id'), column('payload'), ...shared]);
    return { get: () => made };
  }
  const made = await runner.run<Made & { id: string }>(CREATE_WORKLOADS, [slot, ...CREATE_COLUMNS.map(column)]);
  return new Map(made.map((row) => [row.id, row]));
}

/** The answer for a row this call inserted: what was sent plus what the database decided. */
function fromMade(row: NewRow, made: Made): Workload {
  const { input, lane } = row;
  return {
    id: row.id,
    kind: lane.kind,
    isolation: lane.isolation as Workload['isolation'],
    queue: lane.queue,
    priority: input.priority,
    payload: input.payload,
    labels: input.labels,
    required_labels: input.required_labels,
    concurrency_key: input.concurrency_key ?? null,
    status: 'pending',
    // As it was created: a hand-off to a parked agent comes after it, in the same commit.
    status_reason: (made.status_reason === 'leased' ? 'queued' : made.status_reason) as StatusReason,
    wait_reason: null,
    output: null,
    output_truncated: false,
    exit_code: null,
    signal: null,
    error: null,
    duration_ms: null,
    attempt: 0,
    max_attempts: input.max_attempts,
    lease_losses: 0,
    max_lease_losses: input.max_lease_losses,
    lease_epoch: 0,
    worker_id: null,
    progress: null,
    checkpoint: null,
    keys_scanned: null,
    run_at: input.run_at === undefined ? null : new Date(input.run_at).toISOString(),
    start_deadline_at: input.start_deadline_at === undefined ? null : new Date(input.start_deadline_at).toISOString(),
    deadline_at: input.deadline_at === undefined ? null : new Date(input.deadline_at).toISOString(),
    timeout_ms: input.timeout_ms,
    idempotency_key: input.idempotency_key ?? null,
    cancel_requested_at: null,
    created_at: made.created_at,
    started_at: null,
    finished_at: null,
  };
}

const FIND_BY_KEY = { name: 'find_workloads_by_key', text: 'select * from workload where idempotency_key = any($1::text[])' };

/** The workload an earlier call made with this key. @throws {AppError} CONFLICT when that call said something else. */
function earlier(row: NewRow, existing: ReadonlyMap<string, WorkloadRow>): Workload {
  const key = row.input.idempotency_key ?? '';
  const found = existing.get(key);
  if (found === undefined) throw new AppError('UNAVAILABLE', 'The workload with this idempotency key is being removed; try again.');
  if (found.request_hash !== row.row.request_hash) {
    throw new AppError('CONFLICT', `idempotency_key: "${key}" was used with another body; use a new key for a new request.`, {
      issues: [{ path: 'idempotency_key', message: 'was used with another body' }],
      data: { id: found.id },
    });
  }
  return toWorkload(found, row.lane);
}

async function answers(runner: StatementRunner, rows: readonly NewRow[], made: MadeRows): Promise<(Workload | AppError)[]> {
  const missing = rows.filter((row) => made.get(row.id) === undefined);
  const keys = missing.map((row) => row.input.idempotency_key ?? '');
  const found = missing.length === 0 ? [] : await runner.run<WorkloadRow>(FIND_BY_KEY, [keys]);
  const existing = new Map(found.map((row) => [row.idempotency_key ?? '', row]));
  return rows.map((row) => {
    const fresh = made.get(row.id);
    if (fresh !== undefined) return fromMade(row, fresh);
    try {
      return earlier(row, existing);
    } catch (error) {
      if (error instanceof AppError) return error;
      throw error;
    }
  });
}

/** Rows without a key never collide, and a single row collides alone: both can share a statement with other callers. */
const CREATE: GroupKind<readonly NewRow[], (Workload | AppError)[]> = {
  name: 'create',
  maxRows: 1000,
  rows: (rows) => rows.length,
  async write(writer: Writer, items) {
    const rows = items.flat();
    const made = await insert(writer, writer.slot, rows);
    const all = await answers(writer, rows, made);
    let start = 0;
    return items.map((item) => all.slice(start, (start += item.length)));
  },
};

/** A batch with keys is all or nothing, so it has a transaction of its own. */
const CREATE_KEYED: GroupKind<readonly NewRow[], (Workload | AppError)[]> = {
  name: 'create_keyed',
  maxRows: 1,
  rows: (rows) => rows.length,
  async write(writer: Writer, items) {
    const [rows = []] = items;
    // Two batches with the same keys wait for each other on the unique index: in one order, never in a circle.
    const byKey = rows.toSorted((left, right) => ((left.input.idempotency_key ?? '') < (right.input.idempotency_key ?? '') ? -1 : 1));
    return [
      await writer.transaction(async (tx) => {
        const all = await answers(tx, rows, await insert(tx, writer.slot, byKey));
        const refusal = all.find((answer) => answer instanceof AppError);
        if (refusal !== undefined) throw refusal;
        return all;
      }),
    ];
  },
};

function announce(ctx: CoreContext, rows: readonly NewRow[]): void {
  if (rows.some(({ input }) => input.priority > 0)) forgetFloors(ctx.database.writers);
  const lanes = [...new Set(rows.map((row) => row.lane.id))];
  const isTimed = rows.some((row) => row.input.run_at !== undefined);
  ctx.hub.publish(['workloads', ...lanes.map((id) => `lane:${id}`), ...(isTimed ? ['wake'] : [])]);
}

/** What the agent is handed when the workload was leased to it in the insert. */
function leasedRow(row: NewRow, worker: string): LeasedRow {
  const { labels, payload } = row.input;
  return {
    id: row.id,
    lane_id: row.lane.id,
    lease_epoch: 1,
    attempt: 1,
    worker_id: worker,
    payload: JSON.stringify(payload),
    labels: JSON.stringify(labels),
    timeout_ms: row.input.timeout_ms,
    checkpoint: null,
  };
}

/** Creates the row leased to a parked agent, in one commit, and hands it over. */
async function createFor(ctx: CoreContext, row: NewRow, reservation: Reservation): Promise<Workload | AppError | undefined> {
  try {
    const [answer] = await ctx.commits.submit(CREATE, [{ ...row, row: { ...row.row, leased_to: reservation.worker } }]);
    const isMade = answer !== undefined && !(answer instanceof AppError) && answer.id === row.id;
    if (!isMade) return answer;
    reservation.deliver(leasedRow(row, reservation.worker));
    ctx.hub.publish(['workloads', row.id]);
    return answer;
  } finally {
    reservation.giveBack();
  }
}

async function createAlone(ctx: CoreContext, row: NewRow): Promise<Workload | AppError | undefined> {
  const [answer] = await ctx.commits.submit(CREATE, [row]);
  announce(ctx, [row]);
  return answer;
}

/**
 * Creates a workload. With an `idempotency_key` the same request again answers with the first one and writes nothing.
 * @throws {AppError} CONFLICT when the key was used with another body.
 */
export async function createWorkload(ctx: CoreContext, input: CreateWorkloadInput): Promise<Workload> {
  const row = prepare(ctx, input, await ensureLane(ctx, input));
  const isPlain = input.run_at === undefined && input.start_deadline_at === undefined && input.deadline_at === undefined;
  const reservation = isPlain ? ctx.parked.reserve(row.lane.id) : null;
  const answer = reservation === null ? await createAlone(ctx, row) : await createFor(ctx, row, reservation);
  if (answer === undefined || answer instanceof AppError) throw answer ?? new Error('unreachable: one row in, none out');
  return answer;
}

/** Creates up to 1,000 workloads, all or nothing, in the order given. Idempotent as `createWorkload`. */
export async function createWorkloads(ctx: CoreContext, input: { items: readonly CreateWorkloadInput[] }): Promise<{ items: Workload[] }> {
  const rows: NewRow[] = [];
  let lane: Lane | undefined;
  for (const item of input.items) {
    // Most batches have one lane: asking for it anew for each item would cost more than making the row.
    if (lane === undefined || !isOfLane(lane, item)) lane = await ensureLane(ctx, item);
    rows.push(prepare(ctx, item, lane));
  }
  const isKeyed = input.items.some((item) => item.idempotency_key !== undefined);
  const made = await ctx.commits.submit(isKeyed ? CREATE_KEYED : CREATE, rows);
  const items = made.map((answer) => {
    if (answer instanceof AppError) throw answer;
    return answer;
  });
  announce(ctx, rows);
  return { items };
}
