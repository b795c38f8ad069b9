import { isDeepStrictEqual } from 'node:util';
import type { Assertion, AssertionOp } from '@tidemark/core/steps/contract';
import { readJsonPath } from './json-path.ts';
import { matchPattern } from './match-pattern.ts';
import { type AssertionResult, StepFailure } from './step-outcome.ts';
import type { Variables } from './variables.ts';

const MAX_SHOWN_CHARS = 300;

/** What a step saw; what is absent does not exist. */
export interface Observed {
  status?: number;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  latency_ms: number;
  tls_days_left?: number | null;
  /** Answers of a name server. */
  records?: readonly string[];
}

export type Source = Assertion['source'];

/** The observed value; undefined when there is none. @throws StepFailure when a path is not understood. */
export function readObserved(observed: Observed, source: Source, path: string | undefined): unknown {
  switch (source) {
    case 'status':
      return observed.status;
    case 'header':
      return observed.headers?.[(path ?? '').toLowerCase()];
    case 'body':
      return observed.body;
    case 'json':
      return readJsonPath(parseJson(observed.body), path ?? '$');
    case 'latency_ms':
      return observed.latency_ms;
    case 'tls_days_left':
      return observed.tls_days_left ?? undefined;
    case 'record':
      return observed.records;
  }
}

function parseJson(body: string | undefined): unknown {
  try {
    return JSON.parse(body ?? '');
  } catch {
    return undefined;
  }
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

/** A number and its text are equal: what is captured or typed into a form is text. */
function isEqual(actual: unknown, expected: unknown): boolean {
  if (isDeepStrictEqual(actual, expected)) return true;
  const isPlain = (value: unknown): boolean => value !== undefined && (typeof value !== 'object' || value === null);
  return isPlain(actual) && isPlain(expected) && asText(actual) === asText(expected);
}

function isOrdered(actual: unknown, expected: unknown, op: 'lt' | 'lte' | 'gt' | 'gte'): boolean {
  const [left, right] = [actual, expected].map((value) => (value === '' || value === null ? Number.NaN : Number(value)));
  if (left === undefined || right === undefined) return false;
  switch (op) {
    case 'lt':
      return left < right;
    case 'lte':
      return left <= right;
    case 'gt':
      return left > right;
    case 'gte':
      return left >= right;
  }
}

function contains(actual: unknown, expected: unknown): boolean {
  if (Array.isArray(actual)) return actual.some((entry) => isEqual(entry, expected));
  return actual !== undefined && asText(actual).includes(asText(expected));
}

async function holds(actual: unknown, op: AssertionOp, expected: unknown): Promise<boolean> {
  switch (op) {
    case 'exists':
      return (actual !== undefined) === (expected !== false);
    case 'eq':
      return isEqual(actual, expected);
    case 'ne':
      return !isEqual(actual, expected);
    case 'contains':
      return contains(actual, expected);
    case 'not_contains':
      return !contains(actual, expected);
    case 'matches':
      return actual !== undefined && matchPattern(asText(expected), asText(actual));
    default:
      return isOrdered(actual, expected, op);
  }
}

/** Of several records one has to fit, and for `ne` and `not_contains` all. */
async function holdsForRecords(records: readonly string[], op: AssertionOp, expected: unknown): Promise<boolean> {
  if (op === 'exists') return records.length > 0 === (expected !== false);
  const answers = await Promise.all(records.map((record) => holds(record, op, expected)));
  return op === 'ne' || op === 'not_contains' ? answers.every(Boolean) : answers.some(Boolean);
}

const WORDS: Record<AssertionOp, string> = {
  eq: 'expected',
  ne: 'expected anything but',
  lt: 'expected less than',
  lte: 'expected at most',
  gt: 'expected more than',
  gte: 'expected at least',
  contains: 'expected to contain',
  not_contains: 'expected not to contain',
  matches: 'expected to match',
  exists: 'expected to exist:',
};

function show(value: unknown, variables: Variables): unknown {
  if (value === undefined) return null;
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  // Masked before it is cut: half a secret is not found any more.
  const text = variables.mask(asText(value));
  return text.length > MAX_SHOWN_CHARS ? `${text.slice(0, MAX_SHOWN_CHARS)}…` : text;
}

export interface Checked {
  assertions: AssertionResult[];
  /** The first that does not hold, in words; null when all hold. */
  error: string | null;
}

/** Checks every assertion, also after one that does not hold. */
export async function checkAssertions(asserted: readonly Assertion[], observed: Observed, variables: Variables): Promise<Checked> {
  const assertions: AssertionResult[] = [];
  let error: string | null = null;
  for (const { source, path, op, value } of asserted) {
    const expected = typeof value === 'string' ? variables.fill(value) : value;
    const at = path === undefined ? {} : { path };
    let actual: unknown;
    let problem: string | null = null;
    let passed = false;
    try {
      actual = readObserved(observed, source, path);
      passed = source === 'record' ? await holdsForRecords(observed.records ?? [], op, expected) : await holds(actual, op, expected);
    } catch (failure) {
      if (!(failure instanceof StepFailure)) throw failure;
      problem = failure.message;
    }
    const shown = { expected: op === 'exists' ? value !== false : show(expected, variables), actual: show(actual, variables) };
    assertions.push({ source, ...at, op, ...shown, passed });
    const got = actual === undefined ? 'nothing' : shown.actual;
    const label = path === undefined ? source : `${source} ${path}`;
    if (!passed) error ??= `${label}: ${problem ?? `${WORDS[op]} ${String(shown.expected)}, got ${String(got)}`}`;
  }
  return { assertions, error };
}
