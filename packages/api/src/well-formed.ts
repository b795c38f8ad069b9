import { AppError } from '@tidemark/core/errors';

const MAX_DEPTH = 32;

/**
 * Refuses what no schema should have to walk into: nesting deeper than 32 levels and keys that reach for a prototype.
 * Iterative, so that depth cannot exhaust the stack.
 */
export function shapeProblem(input: unknown): AppError | null {
  if (typeof input !== 'object' || input === null) return null;
  let level: object[] = [input];
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) return new AppError('VALIDATION', `The input is nested deeper than ${MAX_DEPTH} levels.`, { issues: [{ path: '', message: `nested deeper than ${MAX_DEPTH} levels` }] });
    const below: object[] = [];
    for (const node of level) {
      if (Array.isArray(node)) {
        for (const entry of node) if (typeof entry === 'object' && entry !== null) below.push(entry);
        continue;
      }
      for (const [key, entry] of Object.entries(node)) {
        if (key === '__proto__') return new AppError('VALIDATION', 'The name "__proto__" is not allowed.', { issues: [{ path: '__proto__', message: 'is not allowed as a name' }] });
        if (typeof entry === 'object' && entry !== null) below.push(entry);
      }
    }
    level = below;
  }
  return null;
}
