import type { Writer } from '../ports/index.ts';

/** From the very beginning of a lane. */
const BEGINNING = Number.MIN_SAFE_INTEGER;
/** What comes back into a lane before its floor, or with a higher priority, is found within this. */
const FROM_BEGINNING_MS = 250;

interface Floor {
  readonly order: number;
  /** When the lane was last read from its beginning. */
  readonly begun_at: number;
}

/**
 * Where each writer's next claim begins to read a lane whose work is plenty: at the last one it took. What lies before is taken, but
 * the entries of the index stay until a vacuum, and each claim would step over all of them again: 1,500 pages after 150,000 jobs.
 */
const floors = new WeakMap<Writer, Map<number, Floor>>();

function floorsOf(writer: Writer): Map<number, Floor> {
  const found = floors.get(writer) ?? new Map<number, Floor>();
  floors.set(writer, found);
  return found;
}

/** Something urgent came that may belong before the floors: the next claims begin at the beginning. Other servers see it within 250 ms. */
export function forgetFloors(writers: readonly Writer[]): void {
  for (const writer of writers) floors.delete(writer);
}

/** The claim orders to begin at, and whether one of them is not the beginning. */
export function floorsFor(writer: Writer, lanes: readonly number[], now: number): { orders: number[]; isPartial: boolean } {
  const known = floorsOf(writer);
  const orders = lanes.map((lane) => {
    const floor = known.get(lane);
    return floor !== undefined && now - floor.begun_at < FROM_BEGINNING_MS ? floor.order : BEGINNING;
  });
  return { orders, isPartial: orders.some((order) => order !== BEGINNING) };
}

export interface Claimed {
  readonly lanes: readonly number[];
  /** Where it began. */
  readonly orders: readonly number[];
  readonly rows: readonly { readonly lane_id: number; readonly claim_order: number }[];
  /** It got less than it wanted: nothing is left, as far as it looked. */
  readonly isShort: boolean;
}

/** Notes where the next claim may begin. */
export function noteClaim(writer: Writer, { lanes, orders, rows, isShort }: Claimed, now: number): void {
  const known = floorsOf(writer);
  if (isShort) {
    for (const lane of lanes) known.delete(lane);
    return;
  }
  const last = new Map<number, number>();
  for (const { lane_id, claim_order } of rows) last.set(lane_id, Math.max(claim_order, last.get(lane_id) ?? BEGINNING));
  lanes.forEach((lane, index) => {
    const order = last.get(lane);
    const isBegun = orders[index] === BEGINNING;
    const begun_at = isBegun ? now : (known.get(lane)?.begun_at ?? 0);
    if (order !== undefined) known.set(lane, { order, begun_at });
  });
}
