import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { createTestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import { runFleet } from '../testing/run-fleet.ts';

const LARGEST_RATIO = 5;
/** A machine that is busy with something else gets another chance; a slow server fails each of them. */
const TRIES = 3;

describe.each(engines())('two hundred workers on %s', (engine) => {
  it('report about as fast as ten, miss no beat, and leave a complete history', async () => {
    await using test = await createTestCore(engine);
    let checkpoints = (await runFleet(test.core, { workers: 10, rounds: 1 })).checkpoints;
    const ratios: number[] = [];
    do {
      const few = await runFleet(test.core, { workers: 10, rounds: 5 });
      const many = await runFleet(test.core, { workers: 200, rounds: 4 });
      expect(many).toMatchObject({ checkpoints: 800, missed_beats: 0, refused: 0 });
      checkpoints += few.checkpoints + many.checkpoints;
      ratios.push(many.p99_ms / few.p99_ms);
    } while (Math.min(...ratios) > LARGEST_RATIO && ratios.length < TRIES);
    await test.core.history.flush();
    const { rows } = await sql<{ rows: number; keys: number; fleet: number }>`
      select count(*)::int as rows, sum(keys_scanned)::int as keys,
        (select sum(keys_scanned) from throughput_bucket where scope = 'fleet' and grain = 'day') as fleet
      from worker_history`.execute(test.core.database.db);
    expect(rows).toEqual([{ rows: checkpoints, keys: checkpoints * 100, fleet: checkpoints * 100 }]);
    expect(Math.min(...ratios)).toBeLessThanOrEqual(LARGEST_RATIO);
  });
});
