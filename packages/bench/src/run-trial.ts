import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createDatabase } from './machine/postgres.ts';
import type { Machine } from './machine/start-machine.ts';
import type { Outcome, Trial, TrialRequest } from './trial.ts';

const SUBJECT = fileURLToPath(new URL('./subject.ts', import.meta.url));

interface Answer {
  readonly outcome?: Outcome;
  readonly failure?: string;
}

export interface TrialOptions {
  readonly timeout_ms: number;
  /** Where CPU profiles of Tidemark's processes go; null without profiling. */
  readonly profile_dir: string | null;
}

function ask(request: TrialRequest, options: TrialOptions): Promise<Outcome> {
  const isProfiled = options.profile_dir !== null && request.trial.subject.startsWith('tidemark');
  const profiling = isProfiled
    ? [
        '--cpu-prof',
        `--cpu-prof-dir=${options.profile_dir}`,
        `--cpu-prof-name=${request.trial.name}-${request.trial.subject}-${process.hrtime.bigint()}.cpuprofile`,
      ]
    : [];
  const child = fork(SUBJECT, [], {
    execArgv: profiling,
    env: { ...process.env, NODE_ENV: 'production', LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const killChild = (): void => void child.kill('SIGKILL');
  process.once('exit', killChild);
  return new Promise<Outcome>((resolve, reject) => {
    const timer = setTimeout(() => {
      killChild();
      reject(new Error(`no answer within ${options.timeout_ms / 1000} s`));
    }, options.timeout_ms);
    let answer: Answer = {};
    child.once('message', (message) => {
      answer = message as Answer;
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      clearTimeout(timer);
      process.off('exit', killChild);
      if (answer.outcome === undefined) reject(new Error(answer.failure ?? `its process ended with code ${String(code)}`));
      else resolve(answer.outcome);
    });
    child.send(request);
  });
}

/** Measures one subject once: a fresh process on a fresh database and folder, removed afterwards. */
export async function runTrial(machine: Machine, trial: Trial, options: TrialOptions): Promise<Outcome> {
  const database = await createDatabase(machine.postgres_url);
  const scratch = await mkdtemp(join(tmpdir(), 'tidemark-bench-'));
  try {
    return await ask(
      { trial, postgres_url: database.url, redis_url: machine.redis_url, scratch_dir: scratch, profile_dir: options.profile_dir },
      options,
    );
  } catch (error) {
    return { measures: [], problems: [error instanceof Error ? error.message : String(error)] };
  } finally {
    await database.drop();
    await rm(scratch, { recursive: true, force: true });
  }
}
