import { randomUUID } from 'node:crypto';
import pg from 'pg';

/** Runs `work` on a connection of its own. */
export async function withClient<Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url, application_name: 'bench' });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The first column of the first row, as a number. */
export async function readNumber(client: pg.Client | pg.Pool, text: string): Promise<number> {
  const { rows } = await client.query<[unknown]>({ text, rowMode: 'array' });
  return Number(rows[0]?.[0] ?? 0);
}

/** A fresh database on the server, and the way to remove it. */
export async function createDatabase(serverUrl: string): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `bench_${randomUUID().replaceAll('-', '')}`;
  await withClient(serverUrl, (client) => client.query(`create database ${name}`));
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: async () => {
      await withClient(serverUrl, (client) => client.query(`drop database if exists ${name} with (force)`));
    },
  };
}

/** What every subject finds before its clock starts: fresh statistics and no checkpoint due. */
export async function settle(url: string): Promise<void> {
  await withClient(url, async (client) => {
    await client.query('vacuum analyze');
    await client.query('checkpoint');
  });
}
