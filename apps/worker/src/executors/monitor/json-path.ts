import { StepFailure } from './step-outcome.ts';

type Segment = { key: string } | { index: number } | '*';

const MAX_PATH_CHARS = 500;
const SEGMENT = /\.([A-Za-z_$][\w$-]*)|\[(-?\d+)\]|\[(['"])((?:\\.|(?!\3)[^\\])*)\3\]|(\.\*|\[\*\])/y;

/**
 * `$`, then `.name`, `["any name"]`, `[0]`, `[-1]` (from the end) and `[*]` or `.*` (every entry). Nothing else: no filters, no
 * descent, no expressions. @throws StepFailure with the position of what is not understood.
 */
function parseJsonPath(path: string): Segment[] {
  const segments: Segment[] = [];
  if (!path.startsWith('$') || path.length > MAX_PATH_CHARS) throw new StepFailure(`the path ${path.slice(0, 100)} must begin with $`);
  for (let at = 1; at < path.length; at = SEGMENT.lastIndex) {
    SEGMENT.lastIndex = at;
    const found = SEGMENT.exec(path);
    if (found === null) throw new StepFailure(`the path ${path.slice(0, 100)} is not understood at position ${at + 1}`);
    const [, name, index, , quoted] = found;
    if (name !== undefined) segments.push({ key: name });
    else if (index !== undefined) segments.push({ index: Number(index) });
    else if (quoted !== undefined) segments.push({ key: quoted.replaceAll(/\\(.)/g, '$1') });
    else segments.push('*');
  }
  return segments;
}

function step(value: unknown, segment: Segment): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  if (segment === '*') return Object.values(value);
  if ('index' in segment) {
    const entry: unknown = Array.isArray(value) ? value.at(segment.index) : undefined;
    return entry === undefined ? [] : [entry];
  }
  // Own names only: nothing of the language shows through.
  return !Array.isArray(value) && Object.hasOwn(value, segment.key) ? [(value as Record<string, unknown>)[segment.key]] : [];
}

/** The value at a path, or with `*` the list of all of them; undefined when there is none. */
export function readJsonPath(root: unknown, path: string): unknown {
  const segments = parseJsonPath(path);
  let found: unknown[] = [root];
  for (const segment of segments) found = found.flatMap((value) => step(value, segment));
  if (segments.includes('*')) return found.length === 0 ? undefined : found;
  return found[0];
}
