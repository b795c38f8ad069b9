// Writes the schema that the migrations add up to, for reading and review. `--check` fails when the file is out of date.
import { readFileSync, writeFileSync } from 'node:fs';
import { openPglite } from '../packages/core/src/adapters/pglite/index.ts';
import { dumpSchema } from '../packages/core/src/db/dump-schema.ts';
import { migrate } from '../packages/core/src/db/migrate.ts';

const target = new URL('../packages/core/src/db/schema.sql', import.meta.url);

async function readMigratedSchema(): Promise<string> {
  const handle = await openPglite({ dataDir: 'memory://' });
  try {
    await migrate(handle);
    return await dumpSchema(handle.db);
  } finally {
    await handle.close();
  }
}

function readWritten(): string | null {
  try {
    return readFileSync(target, 'utf8');
  } catch {
    return null;
  }
}

const schema = await readMigratedSchema();
const tables = schema.match(/^create table/gm)?.length ?? 0;
if (process.argv.includes('--check')) {
  const isCurrent = readWritten() === schema;
  console.log(`${tables} tables, schema.sql is ${isCurrent ? 'current' : 'out of date: run node scripts/dump-schema.ts'}`);
  if (!isCurrent || tables === 0) process.exitCode = 1;
} else {
  writeFileSync(target, schema);
  console.log(`${tables} tables written to schema.sql`);
}
