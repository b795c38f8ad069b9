import { createTestCore } from '../testing/create-test-core.ts';
import { describeHistoryStore } from '../testing/history-store-contract.ts';
import { engines } from '../testing/index.ts';

for (const engine of engines()) describeHistoryStore(`in SQL on ${engine}`, () => createTestCore(engine));
