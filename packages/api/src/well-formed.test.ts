import { describe, expect, it } from 'vitest';
import { shapeProblem } from './well-formed.ts';

function nested(depth: number): unknown {
  return JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);
}

describe('the shape of an input', () => {
  it('may be 32 levels deep and no deeper', () => {
    expect(shapeProblem(nested(32))).toBeNull();
    expect(shapeProblem(nested(33))?.code).toBe('VALIDATION');
  });

  it('is refused without exhausting the stack when it is 200,000 levels deep', () => {
    expect(shapeProblem(nested(200_000))?.code).toBe('VALIDATION');
  });

  it('may not carry __proto__ as a name at any level', () => {
    expect(shapeProblem(JSON.parse('{"__proto__":{"a":1}}'))?.code).toBe('VALIDATION');
    expect(shapeProblem(JSON.parse('{"a":[{"__proto__":1}]}'))?.code).toBe('VALIDATION');
    expect(shapeProblem(JSON.parse('{"constructor":1,"prototype":2}'))).toBeNull();
  });

  it('may not hold an object of 10,000 names, which is told by its field', () => {
    const wide = (count: number): object => Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, 1]));
    expect(shapeProblem({ kind: 'command', payload: wide(5000) })).toBeNull();
    for (const payload of [wide(10_000), { deep: [wide(10_000)] }]) {
      expect(shapeProblem({ kind: 'command', payload })?.issues).toEqual([{ path: 'payload', message: 'has more than 5000 names' }]);
    }
    expect(shapeProblem(wide(100_000))?.code).toBe('VALIDATION');
    // Many small objects are another matter.
    expect(shapeProblem({ items: Array.from({ length: 1000 }, () => wide(20)) })).toBeNull();
  });
});
