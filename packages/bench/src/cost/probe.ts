import { readdirSync, readFileSync } from 'node:fs';
import type pg from 'pg';
import { readNumber } from '../machine/postgres.ts';

/** What one statement cost within a phase. */
export interface StatementCost {
  readonly text: string;
  readonly calls: number;
  readonly rows: number;
  readonly ms: number;
  readonly wal_bytes: number;
}

export interface Reading {
  /** Processor time of every process of the database server, and of this process. */
  readonly database_us: number;
  readonly node_us: number;
  readonly wal_bytes: number;
  readonly wall_ms: number;
}

/** The fields after the name of the program, which may hold blanks itself. */
function statOf(pid: string): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

/** Nanoseconds on a processor; the kernel's clock ticks are too coarse for a phase of a second. */
function runTimeNs(pid: string): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]);
  } catch {
    return 0;
  }
}

const TICK_US = 10_000;

/** Processor time of a server's processes: those that live, and those that ended and were waited for. */
function serverUs(postmaster: number): number {
  const own = statOf(String(postmaster));
  const ended = own === null ? 0 : (Number(own[13]) + Number(own[14])) * TICK_US;
  const live = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && statOf(pid)?.[1] === String(postmaster));
  return ended + live.reduce((sum, pid) => sum + runTimeNs(pid) / 1000, 0);
}

/** The process that all processes of the server are children of. */
export async function findPostmaster(client: pg.Client): Promise<number> {
  const pid = await readNumber(client, 'select pg_backend_pid()');
  return Number(statOf(String(pid))?.[1]);
}

export async function read(client: pg.Client, postmaster: number): Promise<Reading> {
  const cpu = process.cpuUsage();
  return {
    database_us: serverUs(postmaster),
    node_us: cpu.user + cpu.system,
    wal_bytes: await readNumber(client, `select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')`),
    wall_ms: performance.now(),
  };
}

export async function forgetStatements(client: pg.Client): Promise<void> {
  await client.query('select pg_stat_statements_reset()');
}

/** The dearest statements since they were forgotten. */
export async function readStatements(client: pg.Client): Promise<StatementCost[]> {
  const { rows } = await client.query<StatementCost>(`
    select regexp_replace(left(query, 4000), '\\s+', ' ', 'g') as text, calls::int, rows::int, total_exec_time as ms, wal_bytes::float8 as wal_bytes
    from pg_stat_statements where query not like '%pg_stat_statements%' order by total_exec_time desc limit 12`);
  return rows;
}

/** What the log is made of, by kind of record. */
export interface LogCost {
  readonly kind: string;
  readonly records: number;
  readonly record_bytes: number;
  readonly page_bytes: number;
}

export async function readPosition(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ lsn: string }>('select pg_current_wal_flush_lsn()::text as lsn');
  return rows[0]?.lsn ?? '0/0';
}

export async function readLog(client: pg.Client, from: string): Promise<LogCost[]> {
  const { rows } = await client.query<LogCost>(
    `select "resource_manager/record_type" as kind, count::int as records, record_size::float8 as record_bytes, fpi_size::float8 as page_bytes
     from pg_get_wal_stats($1, pg_current_wal_flush_lsn(), true) where combined_size > 0 order by combined_size desc limit 12`,
    [from],
  );
  return rows;
}
