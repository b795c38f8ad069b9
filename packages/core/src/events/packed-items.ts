/** Milliseconds of an interval, at least 0. In floating point: exact numerics cost ten times as much. */
export function msOf(interval: string): string {
  return `greatest(0, round(date_part('epoch', ${interval}) * 1000))::bigint`;
}

/** Milliseconds since 1970, cut as times are cut; half a microsecond makes up for what floating point takes away. */
export function epochMsOf(time: string): string {
  return `floor(date_part('epoch', ${time}) * 1000 + 0.0005)::bigint`;
}

/** Events of one type that a statement makes for every row of a query. */
export interface PackedEvents {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  /** Numbers that all rows share. */
  readonly numbers?: Readonly<Record<string, string>>;
  /** The field's name and its expression: `id`, `worker` and `reason` are texts, never null and free of what JSON escapes; the others numbers or null. */
  readonly columns: Readonly<Record<string, string>>;
}

const TEXTS = ['id', 'worker', 'reason'];

/** The packed item as an expression; `listed` makes the list of one field out of its expression. */
function itemOf(
  { type, status, reason, numbers = {}, columns }: PackedEvents,
  rows: string,
  listed: (text: string, separator: string) => string,
): string {
  const shared = JSON.stringify({ type, status, ...(reason === undefined ? {} : { reason }) }).slice(0, -1);
  const lists = Object.entries(columns).map(([name, expression]) =>
    TEXTS.includes(name)
      ? `,"${name}":["' || ${listed(expression, '","')} || '"]`
      : `,"${name}":[' || ${listed(`coalesce((${expression})::text, 'null')`, ',')} || ']`,
  );
  const scalars = Object.entries(numbers).map(([name, expression]) => `,"${name}":' || ${expression} || '`);
  return `'${shared},"rows":' || ${rows} || '${scalars.join('')}${lists.join('')}}'`;
}

/**
 * A query of one row: how many events (`n`) and their packed item, which says once what they share and lists what they do not.
 * Null when `from` is empty. `unpackItems` is its other half.
 */
export function packedItems(from: string, events: PackedEvents): string {
  const item = itemOf(events, 'count(*)', (text, separator) => `string_agg(${text}, '${separator}')`);
  return `select count(*)::int as n, ${item} as item from ${from} having count(*) > 0`;
}

/** The packed item of a single event, as an expression. */
export function packedItem(event: PackedEvents): string {
  return itemOf(event, '1', (text) => text);
}

/** An event as it is stored: compact, with the lane instead of what the lane says. */
export interface StoredItem {
  type: string;
  lane?: number;
  [field: string]: unknown;
}

/** The events of one stored row, in order: packed ones one by one, without the fields that are null for one of them alone. */
export function unpackItems(text: string): StoredItem[] {
  const stored = JSON.parse(text) as StoredItem[];
  return stored.flatMap((item) => (typeof item['rows'] === 'number' ? unpackOne(item, item['rows']) : [item]));
}

function unpackOne({ rows: _, ...item }: StoredItem, count: number): StoredItem[] {
  const lists = Object.entries(item).filter((entry): entry is [string, unknown[]] => Array.isArray(entry[1]));
  return Array.from({ length: count }, (__, index) => {
    const one: StoredItem = { ...item };
    for (const [name, values] of lists) one[name] = values[index] ?? null;
    if (one['wait_ms'] === null) delete one['wait_ms'];
    return one;
  });
}
