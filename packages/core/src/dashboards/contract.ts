import * as z from 'zod';
import { Cursor, Id, limit } from '../contract.ts';
import { PlatformKey } from '../platforms/contract.ts';
import { MetricName, metricProblem, MetricValue } from '../publishing/contract.ts';
import { Title } from '../videos/contract.ts';

export const DashboardItem = z
  .strictObject({
    metric: MetricName,
    platform: PlatformKey.nullable().default(null),
    title: Title.nullable().default(null),
    width: z.int().min(1).max(12).default(3).describe('Of twelve columns.'),
  })
  .superRefine((item, context) => {
    const problem = metricProblem(item);
    if (problem !== null) context.addIssue({ code: 'custom', path: ['platform'], message: problem });
  });
export type DashboardItem = z.infer<typeof DashboardItem>;

const Fields = {
  name: Title,
  is_shared: z.boolean().describe('Others may look at it; only its owner changes it.'),
  items: z.array(DashboardItem).max(50),
};

/** A saved set of metrics of one person or key. */
export const SavedDashboard = z
  .object({
    id: z.string(),
    owner: z.string(),
    name: z.string(),
    is_shared: z.boolean(),
    items: z.array(DashboardItem),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .meta({ id: 'SavedDashboard' });
export type SavedDashboard = z.infer<typeof SavedDashboard>;

export const CreateDashboardInput = z.strictObject({
  name: Fields.name,
  is_shared: Fields.is_shared.default(false),
  items: Fields.items.default([]),
});
export type CreateDashboardInput = z.infer<typeof CreateDashboardInput>;
export const UpdateDashboardInput = z.strictObject({ id: Id, ...z.strictObject(Fields).partial().shape });
export type UpdateDashboardInput = z.infer<typeof UpdateDashboardInput>;
export const DashboardInput = z.strictObject({ id: Id });
export const ListDashboardsInput = z.strictObject({ limit: limit(50, 200), cursor: Cursor.optional() });
export type ListDashboardsInput = z.infer<typeof ListDashboardsInput>;
export const ListDashboardsOutput = z.object({ items: z.array(SavedDashboard), next_cursor: z.string().nullable() });
export const DashboardValues = z.object({ dashboard: SavedDashboard, values: z.array(MetricValue).describe('In the order of the items.') });
export type DashboardValues = z.infer<typeof DashboardValues>;
