import { sql, type RawBuilder } from 'kysely';
import { invalid } from '../errors.ts';
import type { PublishingStatsInput } from './contract.ts';

/** What a request for figures asks for; `isOpen` without a window, when the counters tell all. */
export interface Window {
  readonly isOpen: boolean;
  readonly platform: string | null;
  /** Whether a column of times lies in the window. */
  within(column: string): RawBuilder<boolean>;
}

/** @throws {AppError} VALIDATION when the window ends before it begins. */
export function windowOf(input: PublishingStatsInput): Window {
  const { from = null, to = null, platform = null } = input;
  if (from !== null && to !== null && Date.parse(from) >= Date.parse(to)) throw invalid('from', 'must lie before to');
  return {
    isOpen: from === null && to === null,
    platform,
    within: (column) => {
      const at = sql.ref(column);
      if (from === null) return to === null ? sql<boolean>`true` : sql<boolean>`${at} < ${to}`;
      return to === null ? sql<boolean>`${at} >= ${from}` : sql<boolean>`(${at} >= ${from} and ${at} < ${to})`;
    },
  };
}

/** A platform's rows, or all. */
export function ofPlatform(window: Window, column = 'platform_key'): RawBuilder<boolean> {
  return window.platform === null ? sql<boolean>`true` : sql<boolean>`${sql.ref(column)} = ${window.platform}`;
}
