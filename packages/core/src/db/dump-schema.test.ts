import { describe, expect, it } from 'vitest';
import { createTestDatabase, engines } from '../testing/index.ts';
import { dumpSchema } from './dump-schema.ts';

async function dump(engine: 'pglite' | 'postgres'): Promise<string> {
  const database = await createTestDatabase(engine);
  try {
    return await dumpSchema(database.handle.db);
  } finally {
    await database.close();
  }
}

describe('the dumped schema', () => {
  it('names the tables with their keys', async () => {
    const schema = await dump('pglite');
    expect(schema).toContain('create table workload (\n  id text collate "C" not null,');
    expect(schema).toContain('constraint workload_pkey PRIMARY KEY (id)');
  });

  it.runIf(engines().includes('postgres'))('is the same on both stores', async () => {
    expect(await dump('postgres')).toBe(await dump('pglite'));
  });
});
