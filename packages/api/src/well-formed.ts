import { AppError } from '@tidemark/core/errors';

const MAX_DEPTH = 32;
/** Of one object: a schema looks at each, and a store keeps each. */
const MAX_NAMES = 5000;

function refusal(path: string, message: string): AppError {
  return new AppError('VALIDATION', `${path === '' ? 'input' : path}: ${message}`, { issues: [{ path, message }] });
}

/** An object or array of the input, and the place by which it is named: the field of the input in which it lies. */
interface Node {
  readonly value: object;
  readonly field: string;
}

/** Collects what is nested in a node. Tells the refusal when a name reaches for a prototype, or there are too many. */
function collect({ value, field }: Node, below: Node[]): AppError | null {
  if (Array.isArray(value)) {
    for (const entry of value) if (typeof entry === 'object' && entry !== null) below.push({ value: entry as object, field });
    return null;
  }
  const entries = Object.entries(value) as [string, unknown][];
  if (entries.length > MAX_NAMES) return refusal(field, `has more than ${MAX_NAMES} names`);
  for (const [key, entry] of entries) {
    if (key === '__proto__') return refusal('__proto__', 'is not allowed as a name');
    if (typeof entry === 'object' && entry !== null) below.push({ value: entry, field: field === '' ? key : field });
  }
  return null;
}

/**
 * Refuses what no schema should have to walk into: nesting deeper than 32 levels, more than 5,000 names in an object, and names that
 * reach for a prototype. Level by level, so that depth cannot exhaust the stack.
 */
export function shapeProblem(input: unknown): AppError | null {
  if (typeof input !== 'object' || input === null) return null;
  let level: Node[] = [{ value: input, field: '' }];
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) return refusal('', `is nested deeper than ${MAX_DEPTH} levels`);
    const below: Node[] = [];
    for (const node of level) {
      const problem = collect(node, below);
      if (problem !== null) return problem;
    }
    level = below;
  }
  return null;
}
