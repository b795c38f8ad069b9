import { parseArgs } from 'node:util';
import { SUITES } from './suites.ts';
import type { Sizes, Suite } from './suites.ts';
import { SUBJECTS } from './trial.ts';
import type { SubjectName } from './trial.ts';

export interface Options {
  /** `check` judges the newest results without measuring; `cost` tells what a job costs, without peers. */
  readonly command: 'measure' | 'check' | 'cost' | 'help';
  readonly suites: readonly Suite[];
  readonly sizes: Sizes;
  /** Null: all. */
  readonly subjects: readonly SubjectName[] | null;
  /** Folder of the results; null for a dated one in .bench/. */
  readonly out: string | null;
  readonly is_profiling: boolean;
  /** Writes docs/performance.md from the results. */
  readonly is_writing_docs: boolean;
  /** What a reader of the page must know about this run; empty for nothing. */
  readonly note: string;
  readonly timeout_ms: number;
}

const FULL = { rounds: 5, jobs: 300_000, rows: [1_000_000, 10_000_000], long_run: 1_000_000, samples: 400, idle_seconds: 30 } as const;
const QUICK = { rounds: 3, jobs: 50_000, rows: [100_000, 1_000_000], long_run: 300_000, samples: 150, idle_seconds: 10 } as const;

const COST_JOBS = 100_000;

export const HELP = `pnpm bench [suite …] [options]      measures Tidemark beside its peers and beside physical limits

suites   ${SUITES.join(' | ')} | all
         check      judges the newest results (or --out) and exits 1 when a goal was missed
         cost       processor time and log per job, by phase and statement (--jobs, 100,000)

--quick              3 rounds of 50,000 jobs instead of 5 of 300,000
--rounds N           how often each comparison is repeated
--jobs N             jobs of the batched cases; single-job cases take a fifth
--agents N           agents, or concurrent handlers (50)
--lease N,M          jobs per lease of the two batched cases (10,50)
--rows N,M           rows of the two statistics cases
--long-run N         jobs of the suite decay
--subjects A,B       only these: ${SUBJECTS.join(', ')}
--out DIR            folder of the results (a dated one in .bench/)
--docs               writes docs/performance.md from the results
--note TEXT          what a reader of that page must know about this run
--profile            CPU profiles of Tidemark's processes, beside the results
--timeout SECONDS    how long one measurement may take (600)

BENCH_PG, BENCH_REDIS   servers to use instead of throw-away ones; BENCH_PG must be a superuser's URL
`;

/** A command line that cannot be followed, in a sentence. */
export class UsageError extends Error {}

function count(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new UsageError(`--${name} must be a whole number of at least 1, not "${text}".`);
  return value;
}

function pair(name: string, text: string | undefined, fallback: readonly [number, number]): readonly [number, number] {
  if (text === undefined) return fallback;
  const [first, second, ...rest] = text.split(',');
  if (second === undefined || rest.length > 0)
    throw new UsageError(`--${name} takes two numbers with a comma between them, not "${text}".`);
  return [count(name, first, 1), count(name, second, 1)];
}

function known<Name extends string>(what: string, asked: readonly string[], names: readonly Name[]): Name[] {
  return asked.map((name) => {
    const found = names.find((candidate) => candidate === name);
    if (found === undefined) throw new UsageError(`"${name}" is no ${what}. There are: ${names.join(', ')}.`);
    return found;
  });
}

const FLAGS = {
  quick: { type: 'boolean' },
  rounds: { type: 'string' },
  jobs: { type: 'string' },
  agents: { type: 'string' },
  lease: { type: 'string' },
  rows: { type: 'string' },
  'long-run': { type: 'string' },
  subjects: { type: 'string' },
  out: { type: 'string' },
  docs: { type: 'boolean' },
  note: { type: 'string' },
  profile: { type: 'boolean' },
  timeout: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], allowPositionals: true, options: FLAGS });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** @throws {UsageError} */
export function readOptions(argv: readonly string[]): Options {
  const { values, positionals } = parse(argv);
  const isCheck = positionals.includes('check');
  const isCost = positionals.includes('cost');
  const names = positionals.filter((name) => name !== 'check' && name !== 'cost' && name !== 'all');
  const isHelp = values.help === true || (positionals.length === 0 && values.quick !== true);
  const base = values.quick === true ? QUICK : FULL;
  return {
    command: isHelp ? 'help' : isCheck ? 'check' : isCost ? 'cost' : 'measure',
    suites: names.length === 0 ? SUITES : known('suite', names, SUITES),
    sizes: {
      rounds: count('rounds', values.rounds, base.rounds),
      jobs: count('jobs', values.jobs, isCost ? COST_JOBS : base.jobs),
      agents: count('agents', values.agents, 50),
      leases: pair('lease', values.lease, [10, 50]),
      rows: pair('rows', values.rows, base.rows),
      long_run: count('long-run', values['long-run'], base.long_run),
      samples: base.samples,
      idle_seconds: base.idle_seconds,
    },
    subjects: values.subjects === undefined ? null : known('subject', values.subjects.split(','), SUBJECTS),
    out: values.out ?? null,
    is_profiling: values.profile === true,
    is_writing_docs: values.docs === true,
    note: values.note ?? '',
    timeout_ms: count('timeout', values.timeout, 600) * 1000,
  };
}
