import { AppError } from '../errors.ts';
import { floorsFor, noteClaim } from '../lanes/index.ts';
import type { GroupKind, LeasedRow, Writer } from '../ports/index.ts';
import { CLAIM, COMPLETE, COMPLETE_COLUMNS, COMPLETE_LEASED, CYCLE } from './cycle-statement.ts';
import type { Acceptance } from './record-history.ts';
import { inspectLeases, refusalOfEnding } from './stale.ts';

/** One completion as the statement takes it. */
export interface CompleteRow {
  readonly id: string;
  readonly epoch: number;
  readonly worker: string | null;
  readonly exit_code: number | null;
  readonly output: string | null;
  readonly truncated: boolean;
  readonly cursor: string | null;
  readonly progress: string | null;
  readonly keys: number | null;
  readonly request_id: string | null;
}

export interface CycleItem {
  readonly completes: readonly CompleteRow[];
  readonly claim: { readonly worker: string; readonly lanes: readonly number[]; readonly max: number } | null;
}

export interface CycleResult {
  /** One per completion: null when accepted. */
  readonly completed: readonly (AppError | null)[];
  /** One per completion: who completed it and when; null when it was refused or is a repeat. */
  readonly accepted: readonly (Acceptance | null)[];
  /** Lanes in which this item's completions made room. */
  readonly freed: readonly number[];
  readonly claimed: readonly LeasedRow[];
}

interface TakenRow extends LeasedRow {
  readonly ords: null;
  readonly claim_order: number;
}

/** Completions of one lane and worker by their places, or one job that was claimed. */
type AnswerRow = TakenRow | { ords: number[]; lane_id: number; worker_id: string; accepted_at: string };

type Accepted = Acceptance & { readonly lane_id: number };

interface Placed {
  readonly row: CompleteRow;
  readonly item: number;
  readonly index: number;
}

/** Every completion of every item, sorted by id: two flushes that touch the same rows then cannot deadlock. */
function placeCompletes(items: readonly CycleItem[]): Placed[] {
  const placed: Placed[] = [];
  items.forEach((item, itemIndex) => item.completes.forEach((row, index) => placed.push({ row, item: itemIndex, index })));
  return placed.sort((left, right) => (left.row.id < right.row.id ? -1 : left.row.id > right.row.id ? 1 : 0));
}

function completeArrays(placed: readonly Placed[]): unknown[] {
  return COMPLETE_COLUMNS.map((column) => {
    // What no completion of the flush says is not sent: the statement reads what is missing as null.
    const isSaid = placed.some(({ row }) => row[column] !== null && row[column] !== false);
    return isSaid ? placed.map(({ row }) => row[column]) : null;
  });
}

interface ClaimGroup {
  readonly lanes: readonly number[];
  readonly items: number[];
}

/** Claimers that can take from the same lanes share a statement. */
function groupClaims(items: readonly CycleItem[]): ClaimGroup[] {
  const groups = new Map<string, ClaimGroup>();
  items.forEach((item, index) => {
    if (item.claim === null || item.claim.lanes.length === 0) return;
    const key = item.claim.lanes.join(',');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { lanes: item.claim.lanes, items: [index] });
    else group.items.push(index);
  });
  return [...groups.values()].sort((left, right) => right.items.length - left.items.length);
}

/** One entry per job wanted, dealt round robin, so that a greedy worker does not take all of a short queue. */
function dealWorkers(items: readonly CycleItem[], group: ClaimGroup): string[] {
  const open = group.items.map((index) => ({ worker: items[index]?.claim?.worker ?? '', left: items[index]?.claim?.max ?? 0 }));
  const dealt: string[] = [];
  while (open.some((claimer) => claimer.left > 0)) {
    for (const claimer of open) {
      if (claimer.left === 0) continue;
      dealt.push(claimer.worker);
      claimer.left -= 1;
    }
  }
  return dealt;
}

/** Hands the rows of a claim to the items that asked, in order of asking. */
function distribute(rows: readonly LeasedRow[], items: readonly CycleItem[], claimed: LeasedRow[][]): void {
  const askers = new Map<string, number[]>();
  items.forEach((item, index) => {
    if (item.claim === null) return;
    const known = askers.get(item.claim.worker);
    if (known === undefined) askers.set(item.claim.worker, [index]);
    else known.push(index);
  });
  for (const row of rows) {
    const taker = askers.get(row.worker_id)?.find((index) => (claimed[index]?.length ?? 0) < (items[index]?.claim?.max ?? 0));
    if (taker !== undefined) claimed[taker]?.push(row);
  }
}

async function refusals(
  writer: Writer,
  placed: readonly Placed[],
  accepted: ReadonlyMap<number, unknown>,
): Promise<Map<Placed, AppError | null>> {
  const refused = placed.filter((_, index) => !accepted.has(index + 1));
  const answer = new Map<Placed, AppError | null>();
  if (refused.length === 0) return answer;
  const found = await inspectLeases(
    writer,
    refused.map(({ row }) => ({ id: row.id, epoch: row.epoch })),
  );
  const byOrd = new Map(found.map((row) => [row.ord, row]));
  refused.forEach((entry, index) => {
    const state = byOrd.get(index + 1);
    const { id, epoch, worker, request_id, exit_code } = entry.row;
    answer.set(entry, refusalOfEnding(state, { id, epoch, worker, request_id, exit_code, outcomes: ['completed'] }));
  });
  return answer;
}

interface Claim {
  readonly lanes: readonly number[];
  readonly workers: readonly string[];
}

const isTaken = (row: AnswerRow): row is TakenRow => row.ords === null;

/** Most urgent first; completions, which have no order, before them. */
function byClaimOrder(left: AnswerRow, right: AnswerRow): number {
  if (!isTaken(left) || !isTaken(right)) return Number(isTaken(left)) - Number(isTaken(right));
  return left.claim_order - right.claim_order || (left.id < right.id ? -1 : 1);
}

/** What is left of a claim that began after the beginning and got less than it wanted, so that nobody parks beside work. */
async function claimRest(writer: Writer, { lanes, workers }: Claim, taken: readonly TakenRow[]): Promise<AnswerRow[]> {
  const rest = [...workers];
  for (const { worker_id } of taken) rest.splice(rest.indexOf(worker_id), 1);
  return writer.run<AnswerRow>(CLAIM, [writer.slot, lanes, floorsFor(writer, lanes, performance.now()).orders, rest]);
}

/** Completes, and claims from the floors of the lanes. */
async function claim(writer: Writer, placed: readonly Placed[], { lanes, workers }: Claim): Promise<AnswerRow[]> {
  const { orders, isPartial } = floorsFor(writer, lanes, performance.now());
  const rows =
    placed.length === 0
      ? await writer.run<AnswerRow>(CLAIM, [writer.slot, lanes, orders, workers])
      : await writer.run<AnswerRow>(CYCLE, [writer.slot, ...completeArrays(placed), lanes, orders, workers]);
  const taken = rows.filter(isTaken);
  const isShort = taken.length < workers.length;
  noteClaim(writer, { lanes, orders, rows: taken, isShort }, performance.now());
  if (!isShort || !isPartial) return rows;
  // What was done so far is committed: a failure here must not make it be replayed.
  const rest = await claimRest(writer, { lanes, workers }, taken).catch(() => []);
  return [...rows, ...rest].sort(byClaimOrder);
}

/** Runs the first statement of a flush: every completion, and the claims of the largest group. */
async function runFirst(writer: Writer, placed: readonly Placed[], first: Claim | null): Promise<AnswerRow[]> {
  if (first === null) return writer.run<AnswerRow>(COMPLETE, [writer.slot, ...completeArrays(placed)]);
  return claim(writer, placed, first);
}

/** Completes what the first statement left because its lease has a row; answers by place. What fails here is to be reported again. */
async function completeLeased(writer: Writer, placed: readonly Placed[], accepted: Map<number, Accepted>): Promise<void> {
  const places = placed.map((_, index) => index + 1).filter((place) => !accepted.has(place));
  if (places.length === 0) return;
  const left = places.map((place) => placed[place - 1]).filter((entry) => entry !== undefined);
  const rows = await writer.run<AnswerRow>(COMPLETE_LEASED, [writer.slot, ...completeArrays(left)]);
  for (const row of rows) {
    if (isTaken(row)) continue;
    for (const ord of row.ords) {
      const place = places[ord - 1];
      if (place !== undefined) accepted.set(place, row);
    }
  }
}

async function writeCycle(writer: Writer, items: readonly CycleItem[]): Promise<CycleResult[]> {
  const placed = placeCompletes(items);
  const [first, ...others] = groupClaims(items);
  const claimed: LeasedRow[][] = items.map(() => []);
  const isIdle = placed.length === 0 && first === undefined;
  const rows = isIdle
    ? []
    : await runFirst(writer, placed, first === undefined ? null : { lanes: first.lanes, workers: dealWorkers(items, first) });
  const accepted = new Map<number, Accepted>();
  const taken: LeasedRow[] = [];
  for (const row of rows) {
    if (isTaken(row)) taken.push(row);
    else for (const ord of row.ords) accepted.set(ord, row);
  }
  distribute(taken, items, claimed);
  // What the first statement did is committed: a failure from here on must not make this flush be replayed.
  const isSettled = await completeLeased(writer, placed, accepted).then(
    () => true,
    () => false,
  );
  for (const group of others) {
    const more: AnswerRow[] = await claim(writer, [], { lanes: group.lanes, workers: dealWorkers(items, group) }).catch(() => []);
    distribute(more.filter(isTaken), items, claimed);
  }
  const refused = isSettled ? await refusals(writer, placed, accepted).catch(() => null) : null;
  const completed: (AppError | null)[][] = items.map((item) => item.completes.map(() => null));
  const accepts: (Acceptance | null)[][] = items.map((item) => item.completes.map(() => null));
  const freed: Set<number>[] = items.map(() => new Set());
  placed.forEach((entry, index) => {
    const acceptance = accepted.get(index + 1);
    if (acceptance !== undefined) {
      freed[entry.item]?.add(acceptance.lane_id);
      const ofItem = accepts[entry.item];
      if (ofItem !== undefined) ofItem[entry.index] = acceptance;
      return;
    }
    const unknown = new AppError('UNAVAILABLE', 'The state of this lease could not be read; report it again.');
    const answers = completed[entry.item];
    if (answers !== undefined) answers[entry.index] = refused === null ? unknown : (refused.get(entry) ?? null);
  });
  return items.map((_, index) => ({
    completed: completed[index] ?? [],
    accepted: accepts[index] ?? [],
    freed: [...(freed[index] ?? [])],
    claimed: claimed[index] ?? [],
  }));
}

/** Completions and claims together: the agents' hot call. */
export const CYCLE_KIND: GroupKind<CycleItem, CycleResult> = {
  name: 'cycle',
  maxRows: 1000,
  rows: (item) => item.completes.length + (item.claim?.max ?? 0),
  write: writeCycle,
};
