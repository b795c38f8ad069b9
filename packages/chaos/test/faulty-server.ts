// The server with a database whose fence is broken: what the rig must notice to be believed. Reachable from here only.
import { openPostgres } from '@tidemark/core/adapters/postgres';
import { migrate } from '@tidemark/core/db';
import type { DatabaseHandle } from '@tidemark/core/ports';
import { mutateStatements } from '@tidemark/core/testing';

interface ServerModule {
  readConfig(env: Readonly<Record<string, string | undefined>>, isTty: boolean): object;
  startServer(config: object, parts: { database: DatabaseHandle }): Promise<unknown>;
}

/** An app is nobody's library: the rig starts it as a program, and here by its place. */
const SERVER = new URL('../../../apps/server/src/index.ts', import.meta.url).href;

const { readConfig, startServer } = (await import(SERVER)) as ServerModule;
const database = await openPostgres({ url: process.env['DATABASE_URL'] ?? '' });
await migrate(database);
const withoutLeaseFence = mutateStatements(database, {
  statements: ['complete_leased', 'close', 'note'],
  search: 'l.lease_epoch = i.epoch and (i.worker is null or l.worker_id = i.worker)',
  replacement: 'true',
});
const faulty = mutateStatements(withoutLeaseFence, {
  statements: ['complete', 'cycle'],
  search: 'w.lease_epoch = i.epoch and (i.worker is null or w.worker_id = i.worker)',
  replacement: 'true',
});
await startServer(readConfig(process.env, false), { database: faulty });
