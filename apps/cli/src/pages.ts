import type { Cli } from './session.ts';
import { renderTable, type Column } from './table.ts';

export interface PageOptions {
  limit?: number;
  cursor?: string;
  all?: boolean;
}

interface Page<Row> {
  items: Row[];
  next_cursor: string | null;
}

interface Listing<Row> {
  columns: readonly Column<Row>[];
  read: (page: { limit?: number; cursor?: string }) => Promise<Page<Row>>;
  /** Told when there is nothing at all. */
  empty: string;
}

const LARGEST_PAGE = 200;

/** Prints one page, or with `--all` each page as it arrives; as JSON it is one document in the shape of a page either way. */
export async function printPages<Row>(cli: Cli, options: PageOptions, listing: Listing<Row>): Promise<void> {
  const limit = options.limit ?? (options.all === true ? LARGEST_PAGE : undefined);
  const size = limit === undefined ? {} : { limit };
  let page = await listing.read({ ...size, ...(options.cursor === undefined ? {} : { cursor: options.cursor }) });
  if (options.all !== true) return cli.isJson ? cli.terminal.json(page) : printPage(cli, page, listing);
  const items: Row[] = [];
  const widths: number[] = [];
  if (page.items.length === 0 && !cli.isJson) return cli.terminal.message(listing.empty);
  for (;;) {
    if (cli.isJson) items.push(...page.items);
    else await cli.terminal.data(renderTable(listing.columns, page.items, widths));
    if (page.next_cursor === null) break;
    page = await listing.read({ ...size, cursor: page.next_cursor });
  }
  if (cli.isJson) await cli.terminal.json({ items, next_cursor: null });
}

async function printPage<Row>(cli: Cli, page: Page<Row>, listing: Listing<Row>): Promise<void> {
  if (page.items.length === 0) return cli.terminal.message(listing.empty);
  await cli.terminal.data(renderTable(listing.columns, page.items));
  if (page.next_cursor !== null) await cli.terminal.message(`More with --cursor ${page.next_cursor} (or --all).`);
}
