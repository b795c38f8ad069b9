import { stringify } from 'yaml';
import { definitionOf, getMonitor } from '../monitors/index.ts';
import type { CoreContext } from '../ports/index.ts';
import type { ExportAnswer } from './contract.ts';

/** Everything a person defined, as YAML: applied again, it changes nothing. Without history, secrets and channels. */
export async function exportMonitors(ctx: CoreContext): Promise<ExportAnswer> {
  const rows = await ctx.database.db.selectFrom('monitor').select('id').orderBy('id').execute();
  const monitors = await Promise.all(rows.map(async ({ id }) => ({ id, ...definitionOf(await getMonitor(ctx, { test_id: id })) })));
  const written = monitors.map((monitor) => Object.fromEntries(Object.entries(monitor).filter(([, value]) => value !== null)));
  return { format: 'tidemark', content: stringify({ version: 1, monitors: written }, { aliasDuplicateObjects: false }) };
}
