import type { RateBudgets, RateClass } from '@tidemark/core/ports';

/** Far above what people and agents do, below what a runaway loop does. */
export const DEFAULT_BUDGETS: RateBudgets = { auth: 30, read: 30_000, write: 60_000, agent: 600_000 };

const MAX_BUDGET = 100_000_000;

function isClass(name: string): name is RateClass {
  return Object.hasOwn(DEFAULT_BUDGETS, name);
}

/** Budgets of a text such as "read=6000,write=600", defaults filled in; null for "off"; a problem in words. */
export function readBudgets(text: string | null): RateBudgets | null | { problem: string } {
  if (text === null) return DEFAULT_BUDGETS;
  if (text === 'off') return null;
  const budgets = { ...DEFAULT_BUDGETS };
  for (const part of text.split(',')) {
    const [name = '', value = ''] = part.split('=').map((piece) => piece.trim());
    const isCount = /^[0-9]{1,9}$/.test(value) && Number(value) >= 1 && Number(value) <= MAX_BUDGET;
    if (!isClass(name) || !isCount)
      return {
        problem: `RATE_LIMITS must be "off" or a list such as "read=30000,write=60000,agent=600000,auth=30", not "${part.trim()}".`,
      };
    budgets[name] = Number(value);
  }
  return budgets;
}
