import * as z from 'zod';
import { Cursor, Id, limit } from '../contract.ts';
import { WorkloadFilter } from '../workloads/contract.ts';

export const BulkAction = z.enum(['cancel', 'retry']);
export type BulkAction = z.infer<typeof BulkAction>;

export const BulkInput = z.strictObject({ action: BulkAction, filter: WorkloadFilter.default({}) });
export type BulkInput = z.infer<typeof BulkInput>;

export const BulkPreview = z
  .object({
    count: z.int().describe('Workloads the action would be applied to now.'),
    by_status: z.record(z.string(), z.int()),
  })
  .meta({ id: 'BulkPreview' });
export type BulkPreview = z.infer<typeof BulkPreview>;

/** A bulk action in the background. `succeeded + refused` grows to `total`. */
export const Operation = z
  .object({
    id: z.string(),
    action: BulkAction,
    filter: WorkloadFilter,
    status: z.enum(['running', 'completed', 'stopped']),
    total: z.int().describe('Workloads that matched when it started.'),
    succeeded: z.int(),
    refused: z.int(),
    created_at: z.string(),
    finished_at: z.string().nullable(),
  })
  .meta({ id: 'Operation' });
export type Operation = z.infer<typeof Operation>;

export const OperationInput = z.strictObject({ id: Id });
export const ListOperationsInput = z.strictObject({ limit: limit(50, 200), cursor: Cursor.optional() });
export type ListOperationsInput = z.infer<typeof ListOperationsInput>;
export const ListOperationsOutput = z.object({ items: z.array(Operation), next_cursor: z.string().nullable() });
export type ListOperationsOutput = z.infer<typeof ListOperationsOutput>;

export const ListOperationItemsInput = z.strictObject({
  id: Id,
  refused: z.boolean().optional(),
  limit: limit(100, 1000),
  cursor: Cursor.optional(),
});
export type ListOperationItemsInput = z.infer<typeof ListOperationItemsInput>;
export const OperationItem = z
  .object({ workload_id: z.string(), ok: z.boolean(), code: z.string().nullable(), message: z.string().nullable() })
  .meta({ id: 'OperationItem' });
export type OperationItem = z.infer<typeof OperationItem>;
export const ListOperationItemsOutput = z.object({ items: z.array(OperationItem), next_cursor: z.string().nullable() });
export type ListOperationItemsOutput = z.infer<typeof ListOperationItemsOutput>;
