import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import { AppError, invalid, validationError } from '../errors.ts';
import { CreateMonitorInput, type Monitor } from '../monitors/contract.ts';
import { createMonitor, definitionOf, getMonitor, requireSound, updateMonitor } from '../monitors/index.ts';
import type { CoreContext } from '../ports/index.ts';
import { candidatesOf, isRecord, plainOf, textOf, type Candidate } from './candidate.ts';
import type { ImportAnswer, ImportInput } from './contract.ts';
import { readGatus } from './read-gatus.ts';
import { readKuma } from './read-kuma.ts';

/** What an export holds, or its whole answer as it was saved. @throws {AppError} VALIDATION when the text is not ours */
function readOwn(content: string): Candidate[] {
  let file: unknown;
  try {
    file = parse(content, { maxAliasCount: 50 });
  } catch {
    throw invalid('content', 'is not YAML');
  }
  if (isRecord(file) && file['format'] === 'tidemark' && typeof file['content'] === 'string') return readOwn(file['content']);
  if (!isRecord(file) || !Array.isArray(file['monitors'])) throw invalid('content', 'has no list of monitors');
  return candidatesOf(file['monitors'], (monitor) => ({ name: textOf(monitor['name']) ?? plainOf(monitor['id']), monitor }));
}

const READERS = { tidemark: readOwn, 'uptime-kuma': readKuma, gatus: readGatus } as const satisfies Record<
  ImportInput['format'],
  (content: string) => Candidate[]
>;

/** The monitor a candidate means: by its id, or by the name where a file has no ids of ours. */
async function findKnown(ctx: CoreContext, input: CreateMonitorInput): Promise<Monitor | null> {
  const { db } = ctx.database;
  const row =
    input.id === undefined
      ? await db.selectFrom('monitor').select('id').where('name', '=', input.name).orderBy('id').limit(1).executeTakeFirst()
      : await db.selectFrom('monitor').select('id').where('id', '=', input.id).executeTakeFirst();
  return row === undefined ? null : getMonitor(ctx, { test_id: row.id });
}

type Outcome = 'created' | 'updated' | 'unchanged';

async function apply(ctx: CoreContext, input: CreateMonitorInput, isDryRun: boolean): Promise<Outcome> {
  const known = await findKnown(ctx, input);
  const { id: _id, ...wanted } = input;
  if (known === null) {
    if (isDryRun) await requireSound(ctx, wanted, null);
    else await createMonitor(ctx, input);
    return 'created';
  }
  const before = definitionOf(known);
  const after = {
    ...before,
    ...wanted,
    url: wanted.url ?? null,
    cron: wanted.cron ?? null,
    interval_seconds: wanted.interval_seconds ?? (wanted.cron === undefined ? before.interval_seconds : null),
  };
  if (isDeepStrictEqual(before, after)) return 'unchanged';
  if (after.type !== before.type) throw invalid('type', 'cannot be changed');
  const { type: _type, ...changes } = after;
  if (isDryRun) await requireSound(ctx, after, known.id);
  else await updateMonitor(ctx, { test_id: known.id, ...changes });
  return 'updated';
}

/**
 * Takes monitors over from a file: known ones are changed to what it says, new ones are made, and what has no counterpart is named
 * with the reason. Each monitor stands for itself; importing again changes nothing. @throws {AppError} VALIDATION for a text that is none
 */
export async function importMonitors(ctx: CoreContext, input: ImportInput): Promise<ImportAnswer> {
  const answer: ImportAnswer = { created: 0, updated: 0, unchanged: 0, skipped: [], is_dry_run: input.dry_run };
  for (const candidate of READERS[input.format](input.content)) {
    if ('reason' in candidate) {
      answer.skipped.push({ name: candidate.name, reason: candidate.reason });
      continue;
    }
    try {
      const parsed = CreateMonitorInput.safeParse(candidate.monitor);
      if (!parsed.success) throw validationError(parsed.error);
      answer[await apply(ctx, parsed.data, input.dry_run)] += 1;
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'UNAVAILABLE') throw error;
      answer.skipped.push({ name: candidate.name, reason: error.message });
    }
  }
  return answer;
}
