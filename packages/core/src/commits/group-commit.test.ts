import { expect, it } from 'vitest';
import type { GroupKind } from '../ports/index.ts';
import { createTestDatabase } from '../testing/index.ts';
import { GroupCommit } from './group-commit.ts';

it('refuses what is more than may wait, with a time to come back, and takes more once there is room', async () => {
  const { handle, close } = await createTestDatabase('pglite');
  try {
    const commits = new GroupCommit({ writers: handle.writers, maxWaitingRows: 5 });
    const gate = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const kind: GroupKind<number, number> = {
      name: 'numbers',
      maxRows: 1,
      rows: () => 1,
      async write(writer, items) {
        begun.resolve();
        await gate.promise;
        await writer.run({ name: 'one', text: 'select 1' }, []);
        return items;
      },
    };
    const first = commits.submit(kind, 0);
    await begun.promise;
    const waiting = [1, 2, 3, 4, 5].map((number) => commits.submit(kind, number));
    await expect(commits.submit(kind, 6)).rejects.toMatchObject({ code: 'UNAVAILABLE', data: { retry_after_ms: 1000 } });
    expect(commits.figures.waiting).toBe(5);
    gate.resolve();
    expect(await Promise.all([first, ...waiting])).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await commits.submit(kind, 7)).toBe(7);
    await commits.drain();
  } finally {
    await close();
  }
});
