import type { Statement } from '../ports/database.ts';

interface ElementType {
  /** The database's object id of the type. */
  readonly oid: number;
  /** Bytes the value takes; null when it does not fit the type. */
  size(value: unknown): number | null;
  /** Writes a value that fits; answers its bytes. */
  write(out: Buffer, value: unknown, at: number): number;
}

const TWO_TO_32 = 2 ** 32;

const TYPES: Readonly<Record<string, ElementType>> = {
  text: {
    oid: 25,
    size: (value) => (typeof value === 'string' ? Buffer.byteLength(value) : null),
    write: (out, value, at) => out.write(value as string, at),
  },
  int: {
    oid: 23,
    size: (value) => (typeof value === 'number' && (value | 0) === value ? 4 : null),
    write: (out, value, at) => out.writeInt32BE(value as number, at) - at,
  },
  bigint: {
    oid: 20,
    size: (value) => (Number.isSafeInteger(value) ? 8 : null),
    write: (out, value, at) => {
      out.writeInt32BE(Math.floor((value as number) / TWO_TO_32), at);
      return out.writeUInt32BE((value as number) >>> 0, at + 4) - at;
    },
  },
  boolean: {
    oid: 16,
    size: (value) => (typeof value === 'boolean' ? 1 : null),
    write: (out, value, at) => out.writeUInt8(value === true ? 1 : 0, at) - at,
  },
};

/** Number of dimensions, whether there are nulls, element type; length and first index of the only dimension. */
const HEAD_BYTES = 20;
/** An array without elements has no dimension. */
const EMPTY_HEAD_BYTES = 12;
/** Before each element; −1 stands for null. */
const LENGTH_BYTES = 4;

/**
 * The array in the form in which the database itself sends it: neither side quotes, escapes or parses. Null when a value does not
 * fit the type: sent as the driver's text, the database refuses it in its own words.
 */
function binaryArray(type: ElementType, values: readonly unknown[]): Buffer | null {
  let size = values.length === 0 ? EMPTY_HEAD_BYTES : HEAD_BYTES;
  let hasNulls = false;
  for (const value of values) {
    const bytes = value === null ? 0 : type.size(value);
    if (bytes === null) return null;
    size += LENGTH_BYTES + bytes;
    hasNulls ||= value === null;
  }
  const out = Buffer.allocUnsafe(size);
  out.writeInt32BE(values.length === 0 ? 0 : 1, 0);
  out.writeInt32BE(hasNulls ? 1 : 0, 4);
  out.writeInt32BE(type.oid, 8);
  if (values.length === 0) return out;
  out.writeInt32BE(values.length, 12);
  out.writeInt32BE(1, 16);
  let at = HEAD_BYTES;
  for (const value of values) {
    const bytes = value === null ? -1 : type.write(out, value, at + LENGTH_BYTES);
    out.writeInt32BE(bytes, at);
    at += LENGTH_BYTES + Math.max(0, bytes);
  }
  return out;
}

const CAST = /\$(\d+)::(text|int|bigint|boolean)\[\]/g;
const known = new WeakMap<Statement, readonly (ElementType | undefined)[]>();

/** Element types of a statement's array parameters by place, from 0 on, as its casts declare them. */
function arraysOf(statement: Statement): readonly (ElementType | undefined)[] {
  const found = known.get(statement);
  if (found !== undefined) return found;
  const types: (ElementType | undefined)[] = [];
  for (const [, place, name] of statement.text.matchAll(CAST)) types[Number(place) - 1] = TYPES[name ?? ''];
  known.set(statement, types);
  return types;
}

/** The values of a statement as the driver takes them: arrays of a declared type in binary form, all others as they are. */
export function toParameters(statement: Statement, values: readonly unknown[]): unknown[] {
  const types = arraysOf(statement);
  return values.map((value, place) => {
    const type = types[place];
    return type !== undefined && Array.isArray(value) ? (binaryArray(type, value) ?? value) : value;
  });
}
