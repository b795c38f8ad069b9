import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { AppError, type Issue } from '../errors.ts';
import { appendEvent } from '../events/index.ts';
import { newId } from '../ids.ts';
import { requestHash } from '../request-hash.ts';
import { toNewRow } from './check-new.ts';
import type { CreatePublicationInput } from './contract.ts';
import { CHANGEABLE, PUBLICATIONS_TOPIC } from './move-publications.ts';
import type { PublicationRow } from './publication-row.ts';
import { PublicationTally } from './tally.ts';

const MAX_ISSUES = 20;
const EVENTS_AT_ONCE = 1000;

export interface Refusal {
  readonly code: 'VALIDATION' | 'NOT_FOUND' | 'CONFLICT';
  readonly issue: Issue;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** What became of one item: a row, made now or by an earlier request with its key, or why it cannot be. */
export type Placed = { readonly row: PublicationRow; readonly is_new: boolean } | { readonly refusals: readonly Refusal[] };

/** @throws {AppError} the first refusal, with the others as issues; nothing when there is none. */
export function refuse(found: readonly Refusal[]): void {
  const [first] = found;
  if (first === undefined) return;
  const issues = found.slice(0, MAX_ISSUES).map((entry) => entry.issue);
  const more = found.length > 1 ? ` (and ${found.length - 1} more)` : '';
  throw new AppError(first.code, `${first.issue.path}: ${first.issue.message}${more}`, {
    issues,
    ...(first.data === undefined ? {} : { data: first.data }),
  });
}

function refusal(code: Refusal['code'], issue: Issue, data?: Refusal['data']): Refusal {
  return { code, issue, ...(data === undefined ? {} : { data }) };
}

const COLUMNS = {
  id: 'text',
  clip_id: 'text',
  platform: 'text',
  platform_key: 'text',
  social_account_id: 'text',
  campaign_id: 'text',
  requested_at: 'timestamptz',
  ...CHANGEABLE,
  idempotency_key: 'text',
  request_hash: 'text',
  created_at: 'timestamptz',
  updated_at: 'timestamptz',
} as const satisfies Record<keyof PublicationRow, string>;

/**
 * Puts new publications into the caller's transaction, a page at a time. Accounts, counters and events follow in `finish`, whatever
 * the number of pages, so that what others wait for is locked for a moment only.
 */
export class NewPublications {
  readonly #tx: Transaction<Database>;
  readonly #now: string;
  readonly #nowMs: number;
  readonly #made: PublicationRow[] = [];

  private constructor(tx: Transaction<Database>, given: { now: string; nowMs: number }) {
    this.#tx = tx;
    this.#now = given.now;
    this.#nowMs = given.nowMs;
  }

  /** `nowMs` is for ids only; the transaction's time decides. */
  static async begin(tx: Transaction<Database>, nowMs: number): Promise<NewPublications> {
    const { rows } = await sql<{ now: string }>`select now()`.execute(tx);
    return new NewPublications(tx, { now: rows[0]?.now ?? new Date(nowMs).toISOString(), nowMs });
  }

  get made(): readonly PublicationRow[] {
    return this.#made;
  }

  /** One answer per item, in order. What is refused is not written; the rest is. */
  async add(items: readonly CreatePublicationInput[]): Promise<Placed[]> {
    const placed: (Placed | undefined)[] = await this.#findByKey(items);
    const fresh = items.flatMap((item, index) => (placed[index] === undefined ? [{ item, index }] : []));
    const references = await this.#checkReferences(fresh.map(({ item }) => item));
    const rows: { row: PublicationRow; index: number }[] = [];
    for (const [at, { item, index }] of fresh.entries()) {
      const { row, issues } = toNewRow(item, { id: item.id ?? newId('pub', this.#nowMs), now: this.#now });
      const refusals = [...issues.map((issue): Refusal => ({ code: 'VALIDATION', issue })), ...(references[at] ?? [])];
      if (refusals.length > 0) placed[index] = { refusals };
      else rows.push({ row, index });
    }
    const inserted = await this.#insert(rows.map(({ row }) => row));
    for (const { row, index } of rows) {
      if (!inserted.delete(row.id)) continue;
      placed[index] = { row, is_new: true };
      this.#made.push(row);
    }
    return this.#placeTheRest(items, placed);
  }

  /** What could not be inserted: somebody was faster with its key, or its id is taken. */
  async #placeTheRest(items: readonly CreatePublicationInput[], placed: readonly (Placed | undefined)[]): Promise<Placed[]> {
    const isOpen = placed.includes(undefined);
    const found = isOpen ? await this.#findByKey(items) : [];
    return placed.map((entry, index) => entry ?? found[index] ?? { refusals: [refusal('CONFLICT', { path: 'id', message: 'is taken' })] });
  }

  async #findByKey(items: readonly CreatePublicationInput[]): Promise<(Placed | undefined)[]> {
    const keys = items.flatMap((item) => (item.idempotency_key === undefined ? [] : [item.idempotency_key]));
    if (keys.length === 0) return items.map(() => undefined);
    const rows = await this.#tx.selectFrom('publication').selectAll().where('idempotency_key', 'in', keys).execute();
    const known = new Map(rows.map((row) => [row.idempotency_key, row]));
    return items.map((item) => {
      const row = item.idempotency_key === undefined ? undefined : known.get(item.idempotency_key);
      if (row === undefined) return undefined;
      if (row.request_hash === requestHash(item)) return { row, is_new: false };
      return { refusals: [refusal('CONFLICT', { path: 'idempotency_key', message: 'was used with another body' }, { id: row.id })] };
    });
  }

  /** Locks what the publications refer to against changes until the commit, and finds what is not there or not open. */
  async #checkReferences(items: readonly CreatePublicationInput[]): Promise<Refusal[][]> {
    const campaignIds = [...new Set(items.flatMap((item) => (typeof item.campaign_id === 'string' ? [item.campaign_id] : [])))];
    const clipIds = [...new Set(items.map((item) => item.clip_id))];
    if (clipIds.length === 0) return [];
    const campaigns =
      campaignIds.length === 0
        ? []
        : await this.#tx.selectFrom('campaign').select(['id', 'status']).where('id', 'in', campaignIds).orderBy('id').forShare().execute();
    const clips = await this.#tx.selectFrom('clip').select('id').where('id', 'in', clipIds).orderBy('id').forKeyShare().execute();
    const statusOf = new Map(campaigns.map((row) => [row.id, row.status]));
    const known = new Set(clips.map((row) => row.id));
    return items.map((item) => {
      const found: Refusal[] = [];
      if (!known.has(item.clip_id)) {
        const issue = { path: 'clip_id', message: `no clip has the id "${item.clip_id}"` };
        found.push(refusal('NOT_FOUND', issue, { resource: 'clip', id: item.clip_id }));
      }
      const id = item.campaign_id;
      if (typeof id !== 'string') return found;
      const status = statusOf.get(id);
      const data = { resource: 'campaign', id };
      if (status === undefined) found.push(refusal('NOT_FOUND', { path: 'campaign_id', message: `no campaign has the id "${id}"` }, data));
      if (status === 'paused' || status === 'completed') {
        const message = `the campaign "${id}" is ${status}; activate it first`;
        found.push(refusal('CONFLICT', { path: 'campaign_id', message }, { ...data, status }));
      }
      return found;
    });
  }

  /** Answers the ids that were new: of two rows with one id the first. */
  async #insert(rows: readonly PublicationRow[]): Promise<Set<string>> {
    if (rows.length === 0) return new Set();
    const names = Object.keys(COLUMNS) as (keyof PublicationRow)[];
    const columns = names.map((name) => sql`${rows.map((row) => row[name])}::${sql.raw(COLUMNS[name])}[]`);
    const { rows: made } = await sql<{ id: string }>`
      insert into publication (${sql.join(names.map((name) => sql.ref(name)))}) select * from unnest(${sql.join(columns)})
      on conflict do nothing returning id`.execute(this.#tx);
    return new Set(made.map((row) => row.id));
  }

  /** Makes accounts known that were never seen before, counts and tells. Afterwards only the commit is left. */
  async finish(): Promise<void> {
    if (this.#made.length === 0) return;
    const accounts = [...new Map(this.#made.map((row) => [`${row.platform_key}:${row.social_account_id}`, row])).values()];
    await sql`insert into social_account (platform_key, id)
      select * from unnest(${accounts.map((row) => row.platform_key)}::text[], ${accounts.map((row) => row.social_account_id)}::text[]) order by 1, 2
      on conflict (platform_key, id) do nothing`.execute(this.#tx);
    const tally = new PublicationTally();
    for (const row of this.#made) tally.change(null, row, this.#now);
    await tally.save(this.#tx);
    for (let at = 0; at < this.#made.length; at += EVENTS_AT_ONCE) {
      const page = this.#made.slice(at, at + EVENTS_AT_ONCE);
      await appendEvent(
        this.#tx,
        PUBLICATIONS_TOPIC,
        page.map((row) => ({ type: 'publication.created', id: row.id, status: row.status, platform: row.platform })),
      );
    }
  }
}
