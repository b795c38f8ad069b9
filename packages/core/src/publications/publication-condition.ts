import { sql, type Expression, type ExpressionBuilder, type SqlBool } from 'kysely';
import type { Database } from '../db/schema.ts';
import { PlatformKey } from '../platforms/contract.ts';
import type { ExportPublicationsInput } from './contract.ts';

const SAME = ['sub_status', 'social_account_id', 'campaign_id', 'clip_id'] as const;
const FROM = { requested_from: 'requested_at', due_from: 'due_at' } as const;
const TO = { requested_to: 'requested_at', due_to: 'due_at' } as const;

/** Everything a filter asks, as one condition on the publication's row. */
export function publicationCondition(filter: ExportPublicationsInput) {
  return (eb: ExpressionBuilder<Database, 'publication'>): Expression<SqlBool> => {
    const all: Expression<SqlBool>[] = [];
    if (filter.status !== undefined) all.push(eb('status', 'in', [filter.status].flat()));
    if (filter.platform !== undefined) {
      const key = PlatformKey.safeParse(filter.platform);
      all.push(key.success ? eb('platform_key', '=', key.data) : eb('platform', '=', filter.platform));
    }
    for (const field of SAME) {
      const wanted = filter[field];
      if (wanted !== undefined) all.push(eb(field, '=', wanted));
    }
    for (const [field, column] of Object.entries(FROM) as [keyof typeof FROM, 'requested_at' | 'due_at'][]) {
      const from = filter[field];
      if (from !== undefined) all.push(eb(column, '>=', from));
    }
    for (const [field, column] of Object.entries(TO) as [keyof typeof TO, 'requested_at' | 'due_at'][]) {
      const to = filter[field];
      if (to !== undefined) all.push(eb(column, '<', to));
    }
    if (filter.is_scheduled !== undefined) all.push(sql<SqlBool>`(scheduled_for is not null) = ${filter.is_scheduled}::boolean`);
    return eb.and(all);
  };
}
