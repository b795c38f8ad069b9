import pg from 'pg';

type TextParser = (text: string) => unknown;

/** text[]; the declared type list of the driver knows no array types. */
const TEXT_ARRAY_OID: number = 1009;
const parseTextArray: (text: string) => (string | null)[] = pg.types.getTypeParser(TEXT_ARRAY_OID, 'text');

/**
 * `2026-01-31 12:00:00.123456+00` → `2026-01-31T12:00:00.123Z`; sessions run in UTC. Microseconds are cut, not rounded,
 * so a time read back is never later than the one stored. `infinity`, BC and five-digit years stay as the server writes them.
 */
function isoTimestamp(text: string): string {
  if (text.charCodeAt(10) !== 32 || !text.endsWith('+00')) return text;
  const fraction = text.charCodeAt(19) === 46 ? text.slice(20, -3) : '';
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.${fraction.padEnd(3, '0').slice(0, 3)}Z`;
}

const asIs: TextParser = (text) => text;

function arrayOf(parse: TextParser): TextParser {
  return (text) => parseTextArray(text).map((item) => (item === null ? null : parse(item)));
}

/** Positions, counters and sums stay below 2^53; json stays text because the storage layer never looks inside it. */
const PARSERS: ReadonlyMap<number, TextParser> = new Map<number, TextParser>([
  [20, Number],
  [1016, arrayOf(Number)],
  [1700, Number],
  [1231, arrayOf(Number)],
  [114, asIs],
  [199, arrayOf(asIs)],
  [1082, asIs],
  [1114, asIs],
  [1184, isoTimestamp],
  [1185, arrayOf(isoTimestamp)],
]);

/** How columns become values, the same on every store: given to each client and pool, never set globally. */
export const COLUMN_TYPES: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => {
    const parser = format === 'binary' ? undefined : PARSERS.get(oid);
    return parser ?? pg.types.getTypeParser(oid, format);
  },
};
