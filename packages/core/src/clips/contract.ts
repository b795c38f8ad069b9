import * as z from 'zod';
import { Cursor, Id, limit, text } from '../contract.ts';
import { MediaMs, Title } from '../videos/contract.ts';

export const Clip = z
  .object({
    id: z.string(),
    video_id: z.string(),
    title: z.string(),
    visual_score: z.number().nullable(),
    start_ms: z.int().nullable(),
    end_ms: z.int().nullable(),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .meta({ id: 'Clip' });
export type Clip = z.infer<typeof Clip>;

const Fields = {
  title: Title,
  visual_score: z.number().min(0).max(1).nullable().describe('0 to 1; null when nobody has judged it.'),
  start_ms: MediaMs.nullable(),
  end_ms: MediaMs.nullable(),
};

function isInOrder(clip: { start_ms?: number | null | undefined; end_ms?: number | null | undefined }): boolean {
  return typeof clip.start_ms !== 'number' || typeof clip.end_ms !== 'number' || clip.start_ms <= clip.end_ms;
}

export const CreateClipInput = z
  .strictObject({
    id: Id.optional(),
    video_id: Id,
    title: Fields.title,
    visual_score: Fields.visual_score.optional(),
    start_ms: Fields.start_ms.optional(),
    end_ms: Fields.end_ms.optional(),
  })
  .refine(isInOrder, { error: 'must not lie before start_ms', path: ['end_ms'] });
export type CreateClipInput = z.infer<typeof CreateClipInput>;
export const UpdateClipInput = z
  .strictObject({ id: Id, ...z.strictObject(Fields).partial().shape })
  .refine(isInOrder, { error: 'must not lie before start_ms', path: ['end_ms'] });
export type UpdateClipInput = z.infer<typeof UpdateClipInput>;
export const ClipInput = z.strictObject({ id: Id });
export const ListClipsInput = z.strictObject({
  video_id: Id.optional(),
  q: text(200, 1).optional().describe('Part of the title.'),
  limit: limit(50, 200),
  cursor: Cursor.optional(),
});
export type ListClipsInput = z.infer<typeof ListClipsInput>;
export const ListClipsOutput = z.object({ items: z.array(Clip), next_cursor: z.string().nullable() });
