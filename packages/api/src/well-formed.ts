import { AppError } from '@tidemark/core/errors';

const MAX_DEPTH = 32;

function refusal(path: string, message: string): AppError {
  return new AppError('VALIDATION', `${path === '' ? 'input' : path}: ${message}`, { issues: [{ path, message }] });
}

/** Collects what is nested in a node. Returns false when a name of it reaches for a prototype. */
function collect(node: object, below: object[]): boolean {
  if (Array.isArray(node)) {
    for (const entry of node) if (typeof entry === 'object' && entry !== null) below.push(entry as object);
    return true;
  }
  for (const [key, entry] of Object.entries(node) as [string, unknown][]) {
    if (key === '__proto__') return false;
    if (typeof entry === 'object' && entry !== null) below.push(entry);
  }
  return true;
}

/**
 * Refuses what no schema should have to walk into: nesting deeper than 32 levels and keys that reach for a prototype.
 * Level by level, so that depth cannot exhaust the stack.
 */
export function shapeProblem(input: unknown): AppError | null {
  if (typeof input !== 'object' || input === null) return null;
  let level: object[] = [input];
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) return refusal('', `is nested deeper than ${MAX_DEPTH} levels`);
    const below: object[] = [];
    for (const node of level) if (!collect(node, below)) return refusal('__proto__', 'is not allowed as a name');
    level = below;
  }
  return null;
}
