import { describe, expect, it } from 'vitest';
import { readOptions, UsageError } from './options.ts';
import { SUITES } from './suites.ts';

describe('the command line', () => {
  it('measures the named suites, and all of them for all', () => {
    expect(readOptions(['queue', 'http']).suites).toEqual(['queue', 'http']);
    expect(readOptions(['all']).suites).toEqual(SUITES);
  });

  it('shows its help when nothing is asked', () => {
    expect(readOptions([]).command).toBe('help');
    expect(readOptions(['all', '--help']).command).toBe('help');
  });

  it('judges without measuring when asked to check', () => {
    expect(readOptions(['check']).command).toBe('check');
  });

  it('tells the cost of a job when asked to, on a size of its own', () => {
    expect(readOptions(['cost'])).toMatchObject({ command: 'cost', sizes: { jobs: 100_000 } });
    expect(readOptions(['cost', '--jobs', '5000']).sizes.jobs).toBe(5000);
  });

  it('is smaller when quick, and takes sizes one by one', () => {
    const quick = readOptions(['queue', '--quick', '--agents', '10', '--lease', '5,20']).sizes;
    expect(quick.jobs).toBeLessThan(readOptions(['queue']).sizes.jobs);
    expect(quick).toMatchObject({ agents: 10, leases: [5, 20] });
  });

  it.each([
    [['nothing']],
    [['queue', '--rounds', '0']],
    [['queue', '--lease', '10']],
    [['queue', '--subjects', 'nobody']],
    [['queue', '--fast']],
  ])('refuses %j with a sentence', (argv) => {
    expect(() => readOptions(argv)).toThrow(UsageError);
  });
});
