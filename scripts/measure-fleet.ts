// Ten workers, then two hundred, each beating and checkpointing once a second for so many seconds (default 60), on PGlite or
// on the PostgreSQL of TEST_DATABASE_URL. Prints both and the ratio of their p99; the short form of it is a test of core.
import { createTestCore } from '../packages/core/src/testing/create-test-core.ts';
import { runFleet } from '../packages/core/src/testing/run-fleet.ts';

const rounds = Number(process.argv[2] ?? 60);
if (!Number.isInteger(rounds) || rounds < 1) throw new Error('usage: node scripts/measure-fleet.ts [seconds]');

await using test = await createTestCore((process.env['TEST_DATABASE_URL'] ?? '') === '' ? 'pglite' : 'postgres');
await runFleet(test.core, { workers: 10, rounds: 2 });
const few = await runFleet(test.core, { workers: 10, rounds });
const many = await runFleet(test.core, { workers: 200, rounds });
await test.core.history.flush();
const ratio = Math.round((many.p99_ms / few.p99_ms) * 100) / 100;
console.log(
  JSON.stringify({ engine: test.core.database.capabilities.engine, few, many, p99_ratio: ratio, ...test.core.figures() }, null, 2),
);
