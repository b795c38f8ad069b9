import type { AppError } from '../errors.ts';
import { giveLeaseRows } from '../leases/index.ts';
import type { GroupKind, Writer } from '../ports/index.ts';
import { CLOSE, CLOSE_COLUMNS, type CloseOperation } from './close-statement.ts';
import { type Ending, inspectLeases, type Inspection, refusalOfEnding } from './stale.ts';

/** One closing as the statement takes it. */
export interface CloseRow {
  readonly id: string;
  readonly epoch: number;
  readonly worker: string | null;
  readonly op: CloseOperation;
  readonly is_retryable: boolean;
  readonly reason: string | null;
  readonly error: string | null;
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly output: string | null;
  readonly truncated: boolean | null;
  readonly cursor: string | null;
  readonly progress: string | null;
  readonly keys: number | null;
  readonly request_id: string | null;
  readonly retry_after_ms: number | null;
}

export interface Closed {
  readonly id: string;
  readonly lane_id: number | null;
  readonly status: string;
  readonly status_reason: string | null;
  readonly wake_at: string | null;
  readonly outcome: string;
  readonly worker_id: string | null;
  readonly accepted_at: string | null;
  readonly is_repeat: boolean;
}

interface ClosedRow {
  ord: number;
  id: string;
  lane_id: number;
  status: string;
  status_reason: string;
  wake_at: string | null;
  outcome: string;
  worker_id: string;
  accepted_at: string;
}

/** What an agent's report may have ended its lease as: a cancel beats both. */
const OUTCOMES: Partial<Record<CloseOperation, readonly string[]>> = {
  fail: ['failed', 'timeout', 'cancelled'],
  release: ['released', 'cancelled'],
};

function endingOf({ id, epoch, worker, request_id, op, exit_code, error }: CloseRow): Ending {
  const said = op === 'fail' ? { exit_code, error } : {};
  return { id, epoch, worker, request_id, outcomes: OUTCOMES[op] ?? [], ...said };
}

/** The answer to the report that ended the lease, told again. */
function repeatOf(id: string, state: Inspection | undefined): Closed {
  const { status = null, status_reason = null, outcome = null } = state ?? {};
  const unknown = { lane_id: null, wake_at: null, worker_id: null, accepted_at: null };
  return { id, ...unknown, status: status ?? '', status_reason, outcome: outcome ?? '', is_repeat: true };
}

async function writeClose(writer: Writer, items: readonly CloseRow[]): Promise<(Closed | AppError)[]> {
  const order = items.map((_, index) => index).sort((left, right) => ((items[left]?.id ?? '') < (items[right]?.id ?? '') ? -1 : 1));
  const sorted = order.map((index) => items[index]).filter((row) => row !== undefined);
  // What the clock ends was found by its lease row; what an agent ends may have none yet.
  await giveLeaseRows(
    writer,
    sorted.filter((row) => row.op === 'fail' || row.op === 'release').map((row) => row.id),
  );
  const arrays = CLOSE_COLUMNS.map((column) => sorted.map((row) => row[column]));
  const closed = new Map((await writer.run<ClosedRow>(CLOSE, [writer.slot, Math.random(), ...arrays])).map((row) => [row.ord, row]));
  const refused = sorted.map((row, index) => ({ row, index })).filter(({ index }) => !closed.has(index + 1));
  const found =
    refused.length === 0
      ? []
      : await inspectLeases(
          writer,
          refused.map(({ row }) => row),
        );
  const states = new Map(refused.map(({ index }, at) => [index, found.find((state) => state.ord === at + 1)]));
  const answers: (Closed | AppError)[] = [];
  sorted.forEach((row, index) => {
    const position = order[index] ?? index;
    const done = closed.get(index + 1);
    if (done !== undefined) {
      answers[position] = { ...done, is_repeat: false };
      return;
    }
    const state = states.get(index);
    answers[position] = refusalOfEnding(state, endingOf(row)) ?? repeatOf(row.id, state);
  });
  return answers;
}

/** Failures, releases and what the clock decides: leases that end without a completion. */
export const CLOSE_KIND: GroupKind<CloseRow, Closed> = {
  name: 'close',
  maxRows: 1000,
  rows: () => 1,
  write: writeClose,
};

/** A closing with everything left out that its operation does not say. */
export function closeRow(row: Pick<CloseRow, 'id' | 'epoch' | 'op'> & Partial<CloseRow>): CloseRow {
  return {
    worker: null,
    is_retryable: false,
    reason: null,
    error: null,
    exit_code: null,
    signal: null,
    output: null,
    truncated: null,
    cursor: null,
    progress: null,
    keys: null,
    request_id: null,
    retry_after_ms: null,
    ...row,
  };
}
