import { ISOLATIONS } from '@tidemark/core/workloads/contract';
import type { Worker } from '@tidemark/core/workers/contract';
import * as z from 'zod';
import { formatDuration } from '../duration.ts';
import { describeFailure, toCommandError } from '../failure.ts';
import { readServerClock } from '../server-clock.ts';
import type { Cli } from '../session.ts';
import { plain } from '../table.ts';
import { fail, ok, warn, type Check } from './check.ts';

const PROBE_TIMEOUT_MS = 5000;
const MAX_SKEW_MS = 2000;
const MAX_WORKER_SKEW_MS = 5000;
const LARGEST_PAGE = 500;

/** Everything there is to ask a server. When it cannot be reached that is the only answer: the rest would all say the same. */
export async function checkServer(cli: Cli): Promise<Check[]> {
  const reach = await checkReach(cli);
  if (reach.status === 'fail') return [reach];
  const checks = await Promise.all([checkReady(cli), checkClock(cli), checkWebApp(cli), checkWorkers(cli)]);
  return [reach, ...checks.flat()];
}

async function checkReach(cli: Cli): Promise<Check> {
  try {
    const answer = await probe(`${cli.url}/healthz`);
    if (answer.ok) return ok('server', `reachable at ${cli.url}`);
    return fail('server', `${cli.url}/healthz answers ${answer.status}`, 'Check that --url names a Tidemark server, and look at its log.');
  } catch (error) {
    return fail('server', ...failureText(error, cli));
  }
}

/** What `/readyz` answers: the database it works on, or the refusal. */
const Readiness = z.object({
  message: z.string().default('not ready'),
  database: z.object({ engine: z.string(), is_power_loss_safe: z.boolean() }).optional(),
});

async function checkReady(cli: Cli): Promise<Check> {
  try {
    const answer = await probe(`${cli.url}/readyz`);
    const { message, database } = Readiness.parse(await answer.json());
    if (!answer.ok || database === undefined)
      return fail('database', plain(message), 'Look at the log of the server; check DATABASE_URL, or the disk that holds DATA_DIR.');
    const engine = database.engine === 'pglite' ? 'embedded (PGlite)' : database.engine;
    const durability = database.is_power_loss_safe
      ? 'safe against power cuts'
      : 'safe when the process is killed, not when the power fails: set DATABASE_URL to PostgreSQL for that';
    return ok('database', `${plain(engine)}, ${durability}`);
  } catch (error) {
    return fail('database', ...failureText(error, cli));
  }
}

async function checkClock(cli: Cli): Promise<Check> {
  try {
    const clock = await readServerClock(cli.url);
    if (clock === null) return ok('clock', 'the server does not tell its time');
    const distance = Math.abs(clock.ahead_ms);
    if (distance <= MAX_SKEW_MS) return ok('clock', 'this machine and the server agree');
    const direction = clock.ahead_ms > 0 ? 'behind' : 'ahead of';
    return warn(
      'clock',
      `this machine is ${formatDuration(distance)} ${direction} the server`,
      'Turn on time synchronisation (NTP) on both machines.',
    );
  } catch (error) {
    return fail('clock', ...failureText(error, cli));
  }
}

async function checkWebApp(cli: Cli): Promise<Check> {
  try {
    const page = await (await probe(`${cli.url}/`)).text();
    if (/<script[^>]+src=/.test(page)) return ok('web app', `built, at ${cli.url}/`);
    return warn(
      'web app',
      'not built; the API works without it',
      'Build it with "pnpm --filter @tidemark/web build", or start with "npm start".',
    );
  } catch (error) {
    return fail('web app', ...failureText(error, cli));
  }
}

async function checkWorkers(cli: Cli): Promise<Check[]> {
  try {
    const { items } = await cli.client.workers.list.query({ limit: LARGEST_PAGE });
    const online = items.filter((worker) => worker.liveness === 'online');
    if (online.length === 0)
      return [warn('workers', 'none is online: nothing will run', 'Start one with "tidemark worker", or both with "tidemark up".')];
    const tiers = ISOLATIONS.filter((tier) => online.some((worker) => worker.isolations.includes(tier)));
    const slots = online.reduce((sum, worker) => sum + worker.slots, 0);
    return [
      ok('workers', `${online.length} online, ${slots} slots, isolation: ${tiers.join(', ')}`),
      ...lostWorkers(items),
      ...skewedWorkers(online),
    ];
  } catch (error) {
    return [fail('workers', ...failureText(error, cli))];
  }
}

function lostWorkers(workers: readonly Worker[]): Check[] {
  const lost = workers.filter((worker) => worker.liveness === 'lost');
  return lost.length === 0
    ? []
    : [warn('workers', `${lost.length} lost: ${names(lost)}`, 'Start them again where they ran; what they held has been given to others.')];
}

function skewedWorkers(workers: readonly Worker[]): Check[] {
  const skewed = workers.filter((worker) => Math.abs(worker.clock_skew_ms ?? 0) > MAX_WORKER_SKEW_MS);
  return skewed.length === 0
    ? []
    : [warn('worker clocks', `wrong on ${names(skewed)}`, 'Turn on time synchronisation (NTP) there. Leases do not depend on it.')];
}

function names(workers: readonly Worker[]): string {
  const shown = workers.slice(0, 3).map((worker) => plain(worker.name));
  return workers.length > shown.length ? `${shown.join(', ')} and ${workers.length - shown.length} more` : shown.join(', ');
}

function probe(url: string): Promise<Response> {
  return fetch(url, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS), headers: { accept: 'text/html, application/json' } });
}

/** The message and the cure of a request that failed. */
function failureText(error: unknown, cli: Cli): [string, string] {
  const { body } = toCommandError(error, cli.url);
  const [first = 'no answer', second] = describeFailure(body);
  const [message = first, ...cure] = first.split(/(?<=\.) /);
  return [message.replace(/\.$/, ''), cure.join(' ') || second?.trim() || 'Look at the log of the server.'];
}
