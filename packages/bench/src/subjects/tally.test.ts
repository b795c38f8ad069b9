import { describe, expect, it } from 'vitest';
import { Tally } from './tally.ts';

describe('a tally', () => {
  it('is content when every job was handed out once', () => {
    const tally = new Tally(2);
    tally.take('a');
    expect(tally.isFull).toBe(false);
    tally.take('b');
    expect(tally.isFull).toBe(true);
    expect(tally.problems()).toEqual([]);
  });

  it('tells a job that was never handed out', () => {
    const tally = new Tally(2);
    tally.take('a');
    expect(tally.problems()).toEqual(['1 of 2 jobs were handed out']);
  });

  it('tells a job that was handed out twice', () => {
    const tally = new Tally(1);
    tally.take('a');
    tally.take('a');
    expect(tally.problems()).toEqual(['1 jobs were handed out more than once']);
  });
});
