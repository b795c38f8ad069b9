/** Where a reader stands, once its cursor is understood. */
export type Standing =
  | { readonly kind: 'at'; readonly position: number }
  | { readonly kind: 'gap'; readonly reason: 'unknown' | 'restored' | 'ahead' | 'trimmed' };

/** `<epoch>.<position>`: the id of an event and the cursor that resumes after it. */
export function eventId(epoch: string, position: number): string {
  return `${epoch}.${position}`;
}

/**
 * Decides whether a reader can go on after its cursor without missing anything.
 * `floor` is the last position trimmed away, `head` the last one written.
 */
export function standingOf(cursor: string, log: { epoch: string; floor: number; head: number }): Standing {
  const match = /^([0-9a-z]{1,16})\.([0-9]{1,15})$/.exec(cursor);
  if (match === null) return { kind: 'gap', reason: 'unknown' };
  const [, epoch, digits] = match;
  const position = Number(digits);
  if (epoch !== log.epoch) return { kind: 'gap', reason: 'restored' };
  if (position > log.head) return { kind: 'gap', reason: 'ahead' };
  if (position < log.floor) return { kind: 'gap', reason: 'trimmed' };
  return { kind: 'at', position };
}
