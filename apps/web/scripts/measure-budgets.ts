// Measures what the console promises, on this machine: node scripts/measure-budgets.ts [rows of the long list]
import { execFile } from 'node:child_process';
import { loadavg } from 'node:os';
import { promisify } from 'node:util';
import { findPostgres, startPostgres } from '@tidemark/core/testing';
import { chromiumPath, Console } from '../test/console.ts';

const OPENINGS = 5;
const OPENING_MAX_MS = 1500;
const CALLS = 40;
const CALL_MAX_MS = 300;
const IDLE_MS = 20_000;
const IDLE_MAX_PCT = 2;
const problems: string[] = [];

function loadAverage(): string {
  return loadavg()
    .map((load) => load.toFixed(1))
    .join(' ');
}

function report(name: string, { value, max, unit }: { value: number; max: number; unit: string }): void {
  process.stdout.write(`${name}: ${value.toFixed(1)} of ${max} ${unit} (load average ${loadAverage()})\n`);
  if (value > max) problems.push(`${name} is over its budget.`);
}

/** The value below which `share` of them lie. */
function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** From asking for the page to its sentence and its numbers; each time in a context without a cache. */
async function measureOverview(app: Console): Promise<void> {
  const times: number[] = [];
  for (let opening = 0; opening < OPENINGS; opening += 1) {
    const page = await app.page('/');
    await page.waitForFunction(() => /attention|down/.test(document.querySelector('h1')?.textContent ?? ''));
    times.push(await page.evaluate(() => performance.now()));
    await page.context().close();
  }
  report(`overview usable, median of ${OPENINGS}`, { value: percentile(times, 0.5), max: OPENING_MAX_MS, unit: 'ms' });
}

/** A page that nobody touches, while the live connection is open. */
async function measureIdle(app: Console): Promise<void> {
  const page = await app.page('/');
  await page.locator('[data-live="live"]').waitFor();
  await page.locator('.uplot canvas').first().waitFor();
  const session = await page.context().newCDPSession(page);
  // Time on the processor: what else the machine does is not counted.
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const busySeconds = async (): Promise<number> => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
  };
  const before = await busySeconds();
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  const pct = (((await busySeconds()) - before) / (IDLE_MS / 1000)) * 100;
  await page.context().close();
  report('idle live page', { value: pct, max: IDLE_MAX_PCT, unit: '% of a core' });
}

/** Finished workloads in the lane of the one that is there, then the counters that count them: two plain inserts, nothing per row. */
const FILL = [
  `insert into workload (id, lane_id, claim_order, status, status_reason, payload, max_attempts, max_lease_losses, attempt, lease_epoch,
      duration_ms, started_at, finished_at, position)
    select 'wl_long_' || lpad(n::text, 12, '0'), (select min(id) from lane), n, case when n % 20 = 0 then 'failed' else 'completed' end,
      case when n % 20 = 0 then 'error' end, '{}', 1, 3, 1, 1, n % 1000, now(), now(), 3
    from generate_series(1, :rows) as n`,
  `insert into counter (slot, lane_id, completed, failed, duration_ms_sum, duration_count)
    select 0, lane_id, count(*) filter (where status = 'completed'), count(*) filter (where status = 'failed'),
      coalesce(sum(duration_ms) filter (where status = 'completed'), 0), count(*) filter (where status = 'completed')
    from workload where id like 'wl_long_%' group by 2
    on conflict (slot, lane_id) do update set completed = counter.completed + excluded.completed, failed = counter.failed + excluded.failed,
      duration_ms_sum = counter.duration_ms_sum + excluded.duration_ms_sum, duration_count = counter.duration_count + excluded.duration_count`,
  'vacuum analyze workload',
  'analyze',
];

async function timeOf(url: string): Promise<{ took: number; cursor: string | null }> {
  const started = performance.now();
  const response = await fetch(url);
  const body = (await response.json()) as { items?: unknown[]; next_cursor?: string | null };
  const took = performance.now() - started;
  if ((body.items?.length ?? 0) === 0) throw new Error(`${url} answers no rows: ${JSON.stringify(body).slice(0, 200)}`);
  return { took, cursor: body.next_cursor ?? null };
}

/** Paging forward and filtering over HTTP, on PostgreSQL. */
async function measureList(executable: string, rows: number): Promise<void> {
  if (findPostgres() === null) return void process.stdout.write('not measured: the long list (no PostgreSQL binaries found)\n');
  await using stack = new AsyncDisposableStack();
  const postgres = await startPostgres({ isDurable: false });
  stack.defer(() => postgres.stop());
  const app = stack.use(await Console.open(executable, { hasWorker: false, databaseUrl: postgres.url }));
  await app.submit({ kind: 'long', payload: {} });
  const started = performance.now();
  const sql = FILL.map((text) => text.replace(':rows', String(rows)));
  await promisify(execFile)('psql', ['-v', 'ON_ERROR_STOP=1', ...sql.flatMap((text) => ['-c', text]), postgres.url]);
  process.stdout.write(`${rows} workloads loaded in ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
  const list = `${app.url}/v1/workloads?limit=50`;
  const filters = ['status=failed', 'status=completed', 'kind=long', 'status=failed&kind=long', 'q=long_000000999', 'status=failed&q=0420'];
  const times: number[] = [];
  for (const filter of ['', ...filters]) {
    let cursor: string | null = null;
    const before = times.length;
    for (let call = 0; call < CALLS; call += 1) {
      const answer = await timeOf(`${list}&${filter}${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);
      times.push(answer.took);
      cursor = answer.cursor;
    }
    const name = filter === '' ? 'all' : filter;
    process.stdout.write(
      `  ${name}: p95 ${percentile(times.slice(before), 0.95).toFixed(1)} ms, slowest ${Math.max(...times.slice(before)).toFixed(1)} ms\n`,
    );
  }
  report(`list of ${rows} workloads, p95 of ${times.length} calls`, { value: percentile(times, 0.95), max: CALL_MAX_MS, unit: 'ms' });
}

if (chromiumPath === null) throw new Error('No Chromium found; set CHROMIUM to its path.');
const rows = Number(process.argv[2] ?? 1_000_000);
if (!Number.isInteger(rows) || rows < 1) throw new Error('usage: measure-budgets.ts [rows of the long list]');
// What is too large is said at the end, so that the rest is measured all the same.
await import('./check-size.ts').catch((error: unknown) => problems.push(error instanceof Error ? error.message : String(error)));
await using app = await Console.open(chromiumPath, { demo: 'still', hasWorker: false });
await measureOverview(app);
await measureIdle(app);
await measureList(chromiumPath, rows);
if (problems.length > 0) throw new Error(problems.join(' '));
