import { openPostgres } from '../adapters/postgres/index.ts';
import { createCore, type Core } from '../engine/index.ts';
import type { TestCore } from './create-test-core.ts';

export interface SecondCore extends AsyncDisposable {
  readonly core: Core;
}

/** Another server on the database of the first. @throws on a store that admits one only. */
export async function openSecondCore(first: TestCore): Promise<SecondCore> {
  if (first.database.url === null) throw new Error('this store admits one server only');
  const database = await openPostgres({ url: first.database.url, readers: 2 });
  const core = await createCore({ database });
  return {
    core,
    [Symbol.asyncDispose]: async () => {
      await core.stop();
      await database.close();
    },
  };
}
