import { CreateWorkloadInput } from '@tidemark/core/workloads/contract';
import type * as z from 'zod';

/** What the submit form holds: text as typed. */
export interface Draft {
  kind: 'command' | 'script';
  style: 'shell' | 'argv';
  shell: string;
  argv: string;
  source: string;
  input: string;
  queue: string;
  isolation: string;
  labels: string;
  max_attempts: string;
  timeout_seconds: string;
  priority: string;
}

export const EMPTY_DRAFT: Draft = {
  kind: 'command',
  style: 'shell',
  shell: '',
  argv: '',
  source: '',
  input: '',
  queue: '',
  isolation: '',
  labels: '',
  max_attempts: '',
  timeout_seconds: '',
  priority: '',
};

export type Problems = Partial<Record<keyof Draft, string>>;
export type DraftResult = { ok: true; input: z.output<typeof CreateWorkloadInput> } | { ok: false; problems: Problems };

/** Where a problem the contract reports belongs in the form. */
const FIELD_OF: Record<string, keyof Draft> = {
  queue: 'queue',
  isolation: 'isolation',
  labels: 'labels',
  max_attempts: 'max_attempts',
  timeout_ms: 'timeout_seconds',
  priority: 'priority',
};

function lines(value: string): string[] {
  return value
    .split('\n')
    .map((line) => line.replace(/\r$/, ''))
    .filter((line) => line !== '');
}

function readNumber(value: string): number | undefined {
  return value.trim() === '' ? undefined : Number(value);
}

function readPayload(draft: Draft, problems: Problems): unknown {
  if (draft.kind === 'command') {
    if (draft.style === 'shell') {
      if (draft.shell.trim() === '') problems.shell = 'Say what to run.';
      return { command: draft.shell };
    }
    const command = lines(draft.argv);
    if (command.length === 0) problems.argv = 'Say what to run: the program on the first line.';
    return { command };
  }
  if (draft.source.trim() === '') problems.source = 'Write the body of a function.';
  if (draft.input.trim() === '') return { source: draft.source };
  try {
    return { source: draft.source, input: JSON.parse(draft.input) as unknown };
  } catch {
    problems.input = 'Must be JSON, such as {"a": 1}.';
    return { source: draft.source };
  }
}

function readLabels(draft: Draft, problems: Problems): Record<string, string> | undefined {
  const entries = lines(draft.labels).map(
    (line) => [line.slice(0, line.indexOf('=')).trim(), line.slice(line.indexOf('=') + 1).trim()] as const,
  );
  if (lines(draft.labels).some((line) => line.indexOf('=') < 1)) problems.labels = 'One name=value on each line.';
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** Turns the form into the server's input, or says which fields do not fit. */
export function readDraft(draft: Draft): DraftResult {
  const problems: Problems = {};
  const seconds = readNumber(draft.timeout_seconds);
  const input = {
    kind: draft.kind,
    payload: readPayload(draft, problems),
    labels: readLabels(draft, problems),
    queue: draft.queue.trim() === '' ? undefined : draft.queue.trim(),
    isolation: draft.isolation === '' ? undefined : draft.isolation,
    max_attempts: readNumber(draft.max_attempts),
    timeout_ms: seconds === undefined ? undefined : Math.round(seconds * 1000),
    priority: readNumber(draft.priority),
  };
  const parsed = CreateWorkloadInput.safeParse(input);
  for (const issue of parsed.error?.issues ?? []) {
    const field = FIELD_OF[String(issue.path[0])] ?? (draft.kind === 'script' ? 'source' : draft.style);
    problems[field] ??= issue.message;
  }
  return parsed.success && Object.keys(problems).length === 0 ? { ok: true, input: parsed.data } : { ok: false, problems };
}
