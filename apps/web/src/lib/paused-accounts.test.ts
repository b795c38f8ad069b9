import { expect, test } from 'vitest';
import type { ListedAccount } from '@tidemark/core/platforms/contract';
import { groupPaused } from './paused-accounts.ts';

const account = (id: string, pause_reason: string, pending: number): ListedAccount => ({
  platform: 'tiktok',
  id,
  name: null,
  status: 'paused',
  pause_reason,
  not_before: null,
  processing: 0,
  created_at: '2026-01-01T00:00:00.000Z',
  updated_at: '2026-01-01T00:00:00.000Z',
  pending,
});

test('accounts that one refusal stopped are one group', () => {
  const groups = groupPaused([account('a', 'token expired', 3), account('b', 'token expired', 0), account('c', 'not allowed', 0)]);
  expect(groups.map(({ reason, accounts }) => [reason, accounts.map(({ id }) => id)])).toEqual([
    ['token expired', ['a', 'b']],
    ['not allowed', ['c']],
  ]);
});

test('an account that a person paused is trouble only while something waits for it', () => {
  const groups = groupPaused([account('a', 'paused by an operator', 0), account('b', 'paused by an operator', 2)]);
  expect(groups.flatMap(({ accounts }) => accounts.map(({ id }) => id))).toEqual(['b']);
});
