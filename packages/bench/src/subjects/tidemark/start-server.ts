import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { TrialRequest } from '../../trial.ts';

const MAIN = fileURLToPath(new URL('../../../../../apps/server/src/main.ts', import.meta.url));
const START_MS = 30_000;

export interface ServerProcess {
  readonly url: string;
  readonly key: string;
  stop(): Promise<void>;
}

/** The server as it ships, with keys required, in a process of its own on a free port. */
export async function startServer(request: TrialRequest): Promise<ServerProcess> {
  const key = 'bench-administrator-key';
  const profiling = request.profile_dir === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${request.profile_dir}`];
  const child = spawn(process.execPath, [...profiling, MAIN], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PORT: '0',
      DATA_DIR: request.scratch_dir,
      DATABASE_URL: request.postgres_url,
      TIDEMARK_AUTH: 'required',
      TIDEMARK_ADMIN_KEY: key,
      LOG_LEVEL: 'warn',
      LOG_FORMAT: 'json',
      TIDEMARK_PARENT_PID: String(process.pid),
    },
  });
  const killChild = (): void => void child.kill('SIGKILL');
  process.once('exit', killChild);
  const ended = once(child, 'exit');
  const url = new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      const found = /listens on (http:\S+)/.exec(line)?.[1];
      if (found === undefined) process.stderr.write(`${line}\n`);
      else resolve(found);
    });
    void ended.then(() => reject(new Error('the server ended while starting')));
    AbortSignal.timeout(START_MS).addEventListener('abort', () => reject(new Error('the server did not start in time')));
  });
  return {
    url: await url,
    key,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      process.off('exit', killChild);
    },
  };
}
