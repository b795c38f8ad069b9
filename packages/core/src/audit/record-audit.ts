import { CompiledQuery, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { AuditDraft, CoreContext, GroupKind, Statement, Writer } from '../ports/index.ts';
import { entryHash, type StoredEntry } from './entry-hash.ts';

/** The end of the chain, held until the commit: entries of all servers follow one another. */
const LOCK_HEAD: Statement = {
  name: 'lock_audit_head',
  text: `select position, hash, clock_timestamp() as at from audit_head for update`,
};

const APPEND: Statement = {
  name: 'append_audit',
  text: `
insert into audit_entry (position, at, actor_kind, actor_id, actor_name, address, action, target, outcome, item_count, request_id, details, previous_hash, hash)
select * from unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::int[],
  $11::text[], $12::text[], $13::text[], $14::text[])`,
};

const MOVE_HEAD: Statement = { name: 'move_audit_head', text: `update audit_head set position = $1, hash = $2` };

interface Head {
  position: number;
  hash: string;
  at: string;
}

interface Chained extends StoredEntry {
  readonly previous_hash: string;
  readonly hash: string;
}

function chain(head: Head, drafts: readonly AuditDraft[]): Chained[] {
  let previous = head.hash;
  return drafts.map((draft, index) => {
    const entry: StoredEntry = { ...draft, position: head.position + index + 1, at: head.at };
    const hash = entryHash(previous, entry);
    const chained = { ...entry, previous_hash: previous, hash };
    previous = hash;
    return chained;
  });
}

/** Within a transaction: the head of the log is held until its end. */
async function append(run: Writer['run'], drafts: readonly AuditDraft[]): Promise<void> {
  const [head] = await run<Head>(LOCK_HEAD, []);
  if (head === undefined) throw new Error('the audit log has no head');
  const rows = chain(head, drafts);
  const last = rows.at(-1);
  if (last === undefined) return;
  const column = <Field extends keyof Chained>(field: Field): Chained[Field][] => rows.map((row) => row[field]);
  await run(APPEND, [
    column('position'),
    column('at'),
    column('actor_kind'),
    column('actor_id'),
    column('actor_name'),
    column('address'),
    column('action'),
    column('target'),
    column('outcome'),
    column('item_count'),
    column('request_id'),
    column('details'),
    column('previous_hash'),
    column('hash'),
  ]);
  await run(MOVE_HEAD, [last.position, last.hash]);
}

async function write(writer: Writer, drafts: readonly AuditDraft[]): Promise<null[]> {
  await writer.transaction((tx) => append((statement, values) => tx.run(statement, values), drafts));
  return drafts.map(() => null);
}

const AUDIT_KIND: GroupKind<AuditDraft, null> = { name: 'audit', maxRows: 500, rows: () => 1, write };

/** Appends an entry and waits until it is committed. @throws {AppError} UNAVAILABLE */
export async function recordAudit(ctx: Pick<CoreContext, 'commits'>, draft: AuditDraft): Promise<void> {
  await ctx.commits.submit(AUDIT_KIND, draft);
}

/** Appends an entry as a part of the change it tells: both are committed, or neither. To be the last thing a transaction locks. */
export async function recordAuditIn(tx: Transaction<Database>, draft: AuditDraft): Promise<void> {
  const run: Writer['run'] = async <Row>(statement: Statement, values: readonly unknown[]) =>
    (await tx.executeQuery<Row>(CompiledQuery.raw(statement.text, [...values]))).rows;
  await append(run, [draft]);
}
