import type { Core } from '../engine/index.ts';
import { listIncidents, listResults, listTiming } from '../runs/index.ts';

const MOST_PAGES = 20;

interface Page {
  readonly entries: readonly { run_id: string | null }[];
  readonly next_cursor: string | null;
}

async function walk(read: (cursor: string | undefined) => Promise<Page>): Promise<(string | null)[]> {
  const ids: (string | null)[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const page = await read(cursor);
    ids.push(...page.entries.map(({ run_id }) => run_id));
    if (page.next_cursor === null) break;
    cursor = page.next_cursor;
  }
  return ids;
}

/** Run ids of the results, the timing and the incidents of a monitor, each read two at a time until there is no next page. */
export function walkHistory(core: Core, testId: string): Promise<(string | null)[][]> {
  const at = { test_id: testId, limit: 2, offset: 0 };
  return Promise.all([
    walk(async (cursor) => {
      const { results: entries, next_cursor } = await listResults(core, { ...at, cursor });
      return { entries, next_cursor };
    }),
    walk(async (cursor) => {
      const { timing: entries, next_cursor } = await listTiming(core, { ...at, cursor });
      return { entries, next_cursor };
    }),
    walk(async (cursor) => {
      const { incidents: entries, next_cursor } = await listIncidents(core, { ...at, cursor });
      return { entries, next_cursor };
    }),
  ]);
}
