import type { FieldType } from './payload.ts';

export interface Field {
  name: string;
  type: FieldType;
  is_optional: boolean;
}

/** Why a row does not fit, or null. Rows of CSV are text in the order of `header`, rows of NDJSON are objects. */
export type RowCheck = (row: unknown) => string | null;

const INTEGER = /^[+-]?\d{1,16}$/;
const TIMESTAMP = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;

const TEXT_FITS: Record<FieldType, (text: string) => boolean> = {
  any: () => true,
  string: () => true,
  integer: (text) => INTEGER.test(text) && Number.isSafeInteger(Number(text)),
  number: (text) => text.trim() !== '' && Number.isFinite(Number(text)),
  boolean: (text) => text === 'true' || text === 'false',
  timestamp: isTimestamp,
};

const VALUE_FITS: Record<FieldType, (value: unknown) => boolean> = {
  any: () => true,
  string: (value) => typeof value === 'string',
  integer: Number.isSafeInteger,
  number: Number.isFinite,
  boolean: (value) => typeof value === 'boolean',
  timestamp: (value) => typeof value === 'string' && isTimestamp(value),
};

function isTimestamp(text: string): boolean {
  return TIMESTAMP.test(text) && !Number.isNaN(Date.parse(text));
}

export function readFields(schema: Readonly<Record<string, string>>): Field[] {
  return Object.entries(schema).map(([name, spec]) => ({
    name,
    type: spec.replace('?', '') as FieldType,
    is_optional: spec.endsWith('?'),
  }));
}

const article = (type: FieldType): string => (/^[aeio]/.test(type) ? 'an' : 'a');
const missing = (name: string): string => `column "${name}": is missing`;
const misfit = (name: string, type: FieldType): string => `column "${name}": is not ${article(type)} ${type}`;

/** In CSV an empty value is a missing one. @returns the check, or why no row can fit. */
export function csvCheck(fields: readonly Field[], header: readonly string[], allowExtra: boolean): RowCheck | string {
  const names = new Set(fields.map(({ name }) => name));
  const absent = fields.find(({ name, is_optional }) => !is_optional && !header.includes(name));
  if (absent !== undefined) return `The source has no column "${absent.name}".`;
  const extra = header.find((name) => !names.has(name));
  if (!allowExtra && extra !== undefined) return `The source has a column "${extra}" that the schema does not name.`;
  if (new Set(header).size < header.length) return 'The header names a column twice.';
  const placed = fields.flatMap((field) => (header.includes(field.name) ? [{ field, at: header.indexOf(field.name) }] : []));
  return (row) => {
    const values = row as readonly string[];
    if (values.length !== header.length) return `has ${values.length} columns, not ${header.length}`;
    for (const { field, at } of placed) {
      const value = values[at] ?? '';
      if (value === '' && field.type !== 'any') {
        if (!field.is_optional) return missing(field.name);
      } else if (!TEXT_FITS[field.type](value)) return misfit(field.name, field.type);
    }
    return null;
  };
}

export function jsonCheck(fields: readonly Field[], allowExtra: boolean): RowCheck {
  const names = new Set(fields.map(({ name }) => name));
  return (row) => {
    if (typeof row !== 'object' || row === null || Array.isArray(row)) return 'is not a JSON object';
    const values = row as Readonly<Record<string, unknown>>;
    for (const { name, type, is_optional } of fields) {
      const value = Object.hasOwn(values, name) ? (values[name] ?? null) : null;
      if (value === null) {
        if (!is_optional) return missing(name);
      } else if (!VALUE_FITS[type](value)) return misfit(name, type);
    }
    const extra = allowExtra ? undefined : Object.keys(values).find((name) => !names.has(name));
    return extra === undefined ? null : `column "${extra.slice(0, 64)}": is not in the schema`;
  };
}
