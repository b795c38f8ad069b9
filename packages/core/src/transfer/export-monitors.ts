import { isDeepStrictEqual } from 'node:util';
import { stringify } from 'yaml';
import { notFound } from '../errors.ts';
import { CreateMonitorInput } from '../monitors/contract.ts';
import { definitionOf, getMonitor } from '../monitors/index.ts';
import type { CoreContext } from '../ports/index.ts';
import type { ExportAnswer, ExportInput } from './contract.ts';

/** What a monitor is where its definition does not say. */
const { name: _name, url: _url, ...defaults } = CreateMonitorInput.parse({ name: 'any', url: 'https://example.com' });
const DEFAULTS: Readonly<Record<string, unknown>> = defaults;

/** Only what differs from a default: thousands of monitors still fit into one file that can be imported again. */
function isWorthSaying([field, value]: [string, unknown]): boolean {
  return value !== null && !isDeepStrictEqual(value, DEFAULTS[field]);
}

/**
 * Everything a person defined, or one monitor, as YAML: applied again, it changes nothing. Without history, secrets and channels.
 * @throws {AppError} NOT_FOUND
 */
export async function exportMonitors(ctx: CoreContext, input: ExportInput = {}): Promise<ExportAnswer> {
  const all = ctx.database.db.selectFrom('monitor').select('id').orderBy('id');
  const rows = await (input.test_id === undefined ? all : all.where('id', '=', input.test_id)).execute();
  if (input.test_id !== undefined && rows.length === 0) throw notFound('monitor', input.test_id);
  const monitors = await Promise.all(rows.map(async ({ id }) => ({ id, ...definitionOf(await getMonitor(ctx, { test_id: id })) })));
  const written = monitors.map((monitor) => Object.fromEntries(Object.entries(monitor).filter(isWorthSaying)));
  return { format: 'tidemark', content: stringify({ version: 1, monitors: written }, { aliasDuplicateObjects: false }) };
}
