import { stringify } from 'yaml';
import { notFound } from '../errors.ts';
import { definitionOf, getMonitor } from '../monitors/index.ts';
import type { CoreContext } from '../ports/index.ts';
import type { ExportAnswer, ExportInput } from './contract.ts';

/**
 * Everything a person defined, or one monitor, as YAML: applied again, it changes nothing. Without history, secrets and channels.
 * @throws {AppError} NOT_FOUND
 */
export async function exportMonitors(ctx: CoreContext, input: ExportInput = {}): Promise<ExportAnswer> {
  const all = ctx.database.db.selectFrom('monitor').select('id').orderBy('id');
  const rows = await (input.test_id === undefined ? all : all.where('id', '=', input.test_id)).execute();
  if (input.test_id !== undefined && rows.length === 0) throw notFound('monitor', input.test_id);
  const monitors = await Promise.all(rows.map(async ({ id }) => ({ id, ...definitionOf(await getMonitor(ctx, { test_id: id })) })));
  const written = monitors.map((monitor) => Object.fromEntries(Object.entries(monitor).filter(([, value]) => value !== null)));
  return { format: 'tidemark', content: stringify({ version: 1, monitors: written }, { aliasDuplicateObjects: false }) };
}
