import { describe, expect, it } from 'vitest';
import { withoutCounters } from './lenses.ts';

describe('a statement without counters', () => {
  it('loses the counting alone, whatever stands around it', () => {
    const text =
      'with done as (select 1), counted as (insert into counter select sum(f(x)) from (select 2) d), told as (select (3)) select * from told';
    expect(withoutCounters({ name: 'cycle', text })).toEqual({
      name: 'cycle_uncounted',
      text: 'with done as (select 1), counted as (select $1::int as slot), told as (select (3)) select * from told',
    });
  });

  it('is the same when it counts nothing', () => {
    const statement = { name: 'note', text: 'select 1' };
    expect(withoutCounters(statement)).toBe(statement);
  });
});
