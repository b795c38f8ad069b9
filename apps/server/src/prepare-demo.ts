import { loadDemo, findDemo, removeDemo } from '@tidemark/core/demo';
import type { LoadDemoInput } from '@tidemark/core/demo/contract';
import { createCore } from '@tidemark/core/engine';
import type { CoreParts } from './core.ts';
import { historyIn } from './open-history.ts';

/** What to do about demo data before the server listens, or instead. */
export interface DemoOrder {
  readonly action: 'load' | 'remove';
  readonly input: LoadDemoInput;
}

const COUNT = new Intl.NumberFormat('en');

/** Loads demo data where there is none yet, or removes it, on open stores without background work. Answers what it did, in words. */
export async function prepareDemo(order: DemoOrder, { database, log, history }: CoreParts): Promise<string> {
  const core = await createCore({ database, log, ...historyIn(history) });
  try {
    if (order.action === 'remove') {
      const demo = await removeDemo(core);
      return demo === null ? 'What a demo that was not fully loaded had left behind is removed.' : 'The demo data is removed.';
    }
    const known = await findDemo(core);
    if (known !== null) return `Demo data was loaded at ${known.loaded_at}.`;
    const { days, workloads, runs, publications } = await loadDemo(core, order.input);
    const counts = `${COUNT.format(workloads)} workloads, ${COUNT.format(runs)} monitor runs and ${COUNT.format(publications)} publications`;
    return `Loaded ${days} days of demo data: ${counts}${history === null ? '' : ', the runs into Redis'}.`;
  } finally {
    await core.stop();
  }
}
