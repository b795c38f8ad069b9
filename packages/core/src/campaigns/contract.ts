import * as z from 'zod';
import { Cursor, Id, limit, text, Timestamp } from '../contract.ts';
import { PUBLICATION_STATUSES, SUB_STATUSES } from '../publications/contract.ts';
import { Title } from '../videos/contract.ts';

export const CAMPAIGN_STATUSES = ['draft', 'active', 'paused', 'completed'] as const;
export const CampaignStatus = z.enum(CAMPAIGN_STATUSES);
export type CampaignStatus = z.infer<typeof CampaignStatus>;

const Money = z.number().min(0).max(1_000_000_000_000);

export const Campaign = z
  .object({
    id: z.string(),
    name: z.string(),
    status: CampaignStatus,
    clip_ids: z.array(z.string()),
    budget: z.number().nullable(),
    spend: z.number(),
    starts_at: z.string().nullable(),
    ends_at: z.string().nullable(),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .meta({ id: 'Campaign' });
export type Campaign = z.infer<typeof Campaign>;

const Fields = {
  name: Title,
  status: CampaignStatus,
  clip_ids: z
    .array(Id)
    .max(10_000)
    .refine((ids) => new Set(ids).size === ids.length, { error: 'must not name a clip twice' }),
  budget: Money.nullable(),
  spend: Money,
  starts_at: Timestamp.nullable(),
  ends_at: Timestamp.nullable(),
};

function isInOrder(campaign: { starts_at?: string | null | undefined; ends_at?: string | null | undefined }): boolean {
  return (
    typeof campaign.starts_at !== 'string' ||
    typeof campaign.ends_at !== 'string' ||
    Date.parse(campaign.starts_at) <= Date.parse(campaign.ends_at)
  );
}

export const CreateCampaignInput = z
  .strictObject({
    id: Id.optional(),
    name: Fields.name,
    status: Fields.status.default('draft'),
    clip_ids: Fields.clip_ids.default([]),
    budget: Fields.budget.optional(),
    spend: Fields.spend.default(0),
    starts_at: Fields.starts_at.optional(),
    ends_at: Fields.ends_at.optional(),
  })
  .refine(isInOrder, { error: 'must not lie before starts_at', path: ['ends_at'] });
export type CreateCampaignInput = z.infer<typeof CreateCampaignInput>;
export const UpdateCampaignInput = z
  .strictObject({ id: Id, ...z.strictObject(Fields).partial().shape })
  .refine(isInOrder, { error: 'must not lie before starts_at', path: ['ends_at'] });
export type UpdateCampaignInput = z.infer<typeof UpdateCampaignInput>;
export const CampaignInput = z.strictObject({ id: Id });
export const ListCampaignsInput = z.strictObject({
  status: CampaignStatus.optional(),
  q: text(200, 1).optional().describe('Part of the name.'),
  limit: limit(50, 200),
  cursor: Cursor.optional(),
});
export type ListCampaignsInput = z.infer<typeof ListCampaignsInput>;
export const ListCampaignsOutput = z.object({ items: z.array(Campaign), next_cursor: z.string().nullable() });

const counts = <Name extends string>(names: readonly Name[]) => z.record(z.enum(names), z.int());

export const CampaignCounts = z
  .object({
    id: z.string(),
    total: z.int().describe('Publications there are, without those that were cancelled.'),
    by_status: counts(PUBLICATION_STATUSES),
    failed_by_cause: counts(SUB_STATUSES).describe('Failed ones by `sub_status`.'),
    is_whole: z.boolean().describe('False: there are more than 100,000, and only so many of them were counted.'),
  })
  .meta({ id: 'CampaignCounts' });
export type CampaignCounts = z.infer<typeof CampaignCounts>;
