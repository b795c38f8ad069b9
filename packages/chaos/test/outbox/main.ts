// `pnpm chaos:outbox`: senders of notices are cut off and killed with -9 at every instant of their way. Ends with 1 when a promise was broken.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { COMPILE_CACHE, startPostgres } from '@tidemark/core/testing';
import { runOutbox, type Sender } from '@tidemark/core/testing/outbox';
import { Random } from '../random.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '20261121' },
    cuts: { type: 'string', default: '200' },
    kills: { type: 'string', default: '100' },
  },
});

const PROGRAM = fileURLToPath(new URL('./sender.ts', import.meta.url));

async function startProcess(url: string): Promise<Sender> {
  const env = { PATH: process.env['PATH'] ?? '', ...COMPILE_CACHE, DATABASE_URL: url };
  const child = spawn(process.execPath, [PROGRAM], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const isOver = once(child, 'exit');
  child.stdin.on('error', () => undefined);
  await Promise.race([once(child.stdout, 'data'), isOver]);
  child.stdin.write('go\n');
  return {
    isOver,
    kill: () => void child.kill('SIGKILL'),
    close: async () => {
      child.kill('SIGKILL');
      await isOver;
    },
  };
}

const random = new Random(Number(values.seed));
const next = (): number => random.next();
const server = await startPostgres({ isDurable: false });
process.env['TEST_DATABASE_URL'] = server.url;
try {
  // Each outage takes two senders.
  const cut = await runOutbox({ outages: Math.ceil(Number(values.cuts) / 2), next });
  const killed = await runOutbox({ outages: Math.ceil(Number(values.kills) / 2), next, start: startProcess });
  process.stdout.write(`${JSON.stringify({ seed: Number(values.seed), cut, killed }, null, 2)}\n`);
  process.exitCode = cut.violations.length + killed.violations.length > 0 ? 1 : 0;
} finally {
  await server.stop();
}
