import { AppError } from './errors.ts';

export interface Page<Row> {
  readonly items: readonly Row[];
  readonly next_cursor: string | null;
}
export type ReadPage<Row> = (cursor: string | undefined) => Promise<Page<Row>>;

/** A list page by page, to its end. @throws {AppError} UNAVAILABLE when `signal` aborts before the end. */
export async function* pagesOf<Row>(readPage: ReadPage<Row>, signal: AbortSignal): AsyncGenerator<readonly Row[], void> {
  let cursor: string | null = null;
  do {
    const page: Page<Row> = await readPage(cursor ?? undefined);
    cursor = page.next_cursor;
    yield page.items;
    // Ending here would pass half of it off as the whole.
    if (cursor !== null && signal.aborted) throw new AppError('UNAVAILABLE', 'The export was broken off before its end.');
  } while (cursor !== null);
}

/**
 * A list as JSON lines, one object on each, a page at a time, so that memory does not grow with it.
 * @throws {AppError} UNAVAILABLE when `signal` aborts before the end.
 */
export async function* jsonLinesOf(readPage: ReadPage<object>, signal: AbortSignal): AsyncGenerator<string, void> {
  for await (const rows of pagesOf(readPage, signal)) {
    if (rows.length > 0) yield rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  }
}
