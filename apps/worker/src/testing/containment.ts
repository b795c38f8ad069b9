import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Containment } from '../processes/contained-process.ts';
import { findSandboxProblem } from '../processes/find-sandbox-problem.ts';

const BUBBLEWRAP = 'bwrap';
export const sandboxProblem = await findSandboxProblem(BUBBLEWRAP);

export function plainContainment(): Containment {
  return { program: null, hidden: [], mark: `test-${randomUUID()}.` };
}

export function sandboxedContainment(hidden: readonly string[] = []): Containment {
  return { program: BUBBLEWRAP, hidden, mark: `test-${randomUUID()}.` };
}

export const temporaryPath = (name: string): string => join(tmpdir(), `tidemark-test-${name}-${randomUUID()}`);
