import { describe, expect, it } from 'vitest';
import { createTestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import { getSystem } from './index.ts';

describe.each(engines())('the system on %s', (engine) => {
  it('tells the engine and the size of each table, the largest first', async () => {
    await using test = await createTestCore(engine);
    await test.submit();
    const { database, server_time } = await getSystem(test.core);
    expect(database).toMatchObject({ engine, is_power_loss_safe: engine === 'postgres' && database.is_power_loss_safe });
    expect(database.version).toMatch(/^\d+/);
    expect(Math.abs(Date.parse(server_time) - Date.now())).toBeLessThan(3_600_000);
    const sizes = database.tables.map((table) => table.size_bytes);
    expect(sizes).toEqual(sizes.toSorted((left, right) => right - left));
    expect(database.size_bytes).toBeGreaterThan(Math.max(...sizes));
    expect(database.tables.map((table) => table.name)).toContain('workload');
  });
});
