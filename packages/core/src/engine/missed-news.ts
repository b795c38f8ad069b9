import type { CoreContext, Statement } from '../ports/index.ts';

const POSITIONS: Statement = { name: 'stream_positions', text: 'select name, position from stream where name = any($1::text[])' };

/**
 * Finds what moved on since the last look. Wake-ups only hint, and a lost one must keep no reader waiting; one question tells it for all
 * of them, so that an idle server asks little however many listen.
 */
export class MissedNews {
  #seen = new Map<string, number>();

  /** The topics that have news or whose news no position tells: the streams of single workloads and workers. */
  async look(ctx: CoreContext, topics: readonly string[]): Promise<string[]> {
    const rows = await ctx.database.reader.run<{ name: string; position: number }>(POSITIONS, [topics]);
    const now = new Map(rows.map((row) => [row.name, row.position]));
    const moved = topics.filter((topic) => {
      const position = now.get(topic);
      return position === undefined || position !== this.#seen.get(topic);
    });
    this.#seen = now;
    return moved;
  }
}
