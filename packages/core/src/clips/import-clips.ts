import { sql } from 'kysely';
import type { CsvImportAnswer, CsvImportInput } from '../contract.ts';
import { newId } from '../ids.ts';
import { importCsv } from '../import-csv.ts';
import type { CoreContext } from '../ports/index.ts';
import { countTotals } from '../publishing/index.ts';
import { CreateClipInput } from './contract.ts';

const MAX_ROWS = 100_000;
const TABLE = {
  schema: CreateClipInput,
  columns: Object.keys(CreateClipInput.shape),
  required: ['video_id', 'title'],
  ignored: ['created_at', 'updated_at'],
  numbers: ['visual_score', 'start_ms', 'end_ms'],
  max_rows: MAX_ROWS,
};

/**
 * Creates clips from a CSV of up to 100,000 rows, whose columns are the fields of a new clip. All or nothing, unless `skip_invalid`.
 * @throws {AppError} VALIDATION naming line and column.
 */
export function importClips(ctx: CoreContext, input: CsvImportInput): Promise<CsvImportAnswer> {
  return importCsv(ctx, { input, table: TABLE }, async (tx) => {
    let created = 0;
    return {
      async add(rows) {
        const ids = [...new Set(rows.map((row) => row.input.video_id))];
        const videos = await tx.selectFrom('video').select('id').where('id', 'in', ids).forKeyShare().execute();
        const known = new Set(videos.map((video) => video.id));
        const good = rows
          .filter((row) => known.has(row.input.video_id))
          .map(({ line, input: clip }) => ({ ...clip, line, id: clip.id ?? newId('clip', ctx.now()) }));
        const { rows: made } = await sql<{ id: string }>`
          insert into clip (id, video_id, title, visual_score, start_ms, end_ms)
          select * from unnest(${good.map((clip) => clip.id)}::text[], ${good.map((clip) => clip.video_id)}::text[],
            ${good.map((clip) => clip.title)}::text[], ${good.map((clip) => clip.visual_score ?? null)}::numeric[],
            ${good.map((clip) => clip.start_ms ?? null)}::bigint[], ${good.map((clip) => clip.end_ms ?? null)}::bigint[])
          on conflict (id) do nothing returning id`.execute(tx);
        created += made.length;
        const fresh = new Set(made.map((clip) => clip.id));
        const unknown = rows.filter((row) => !known.has(row.input.video_id));
        const taken = good.filter((clip) => !fresh.delete(clip.id));
        return {
          created: made.length,
          unchanged: 0,
          problems: [
            ...unknown.map(({ line, input: clip }) => ({ line, column: 'video_id', message: `no video has the id "${clip.video_id}"` })),
            ...taken.map(({ line }) => ({ line, column: 'id', message: 'is taken' })),
          ],
        };
      },
      finish: () => countTotals(tx, { clips: created }),
    };
  });
}
