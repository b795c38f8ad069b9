import type { CoreContext } from '../ports/index.ts';
import type { Monitor } from './contract.ts';
import { selectMonitors } from './get-monitor.ts';
import { toMonitor } from './monitor-row.ts';

const MAX_SHOWN = 500;

/** Monitors marked public, by name. */
export async function listPublicMonitors(ctx: CoreContext): Promise<Monitor[]> {
  const [rows, maintenance] = await Promise.all([
    selectMonitors(ctx.database.db).where('monitor.is_public', '=', true).orderBy('monitor.name').limit(MAX_SHOWN).execute(),
    ctx.database.db.selectFrom('maintenance').selectAll().execute(),
  ]);
  return rows.map((row) => toMonitor(row, { maintenance, now_ms: ctx.now() }));
}
