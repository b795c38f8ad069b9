import type { AppError } from '../errors.ts';
import type { Writer } from './database.ts';

/** A kind of write that is done in groups: one statement per flush, whatever the number of callers. */
export interface GroupKind<Item, Result> {
  readonly name: string;
  /** Rows one statement takes at most. */
  readonly maxRows: number;
  /** Rows this item counts for. */
  rows(item: Item): number;
  /** Writes all items in one transaction; one result per item, in order. A refusal of one item is an AppError in its place. */
  write(writer: Writer, items: readonly Item[]): Promise<readonly (Result | AppError)[]>;
}

/** Collects concurrent calls of one kind and commits them together. */
export interface Commits {
  /** @throws {AppError} UNAVAILABLE when too much waits, or the refusal the write answers for this item. */
  submit<Item, Result>(kind: GroupKind<Item, Result>, item: Item): Promise<Result>;
}
