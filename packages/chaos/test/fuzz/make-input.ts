import type { Random } from '../random.ts';
import { ODD_VALUES, RawJson } from './odd-values.ts';

/** As much of JSON schema as the procedures' inputs use. */
export interface Schema {
  readonly [key: string]: unknown;
}

export interface Around {
  readonly random: Random;
  /** Ids and cursors that the server has answered with. */
  readonly known: readonly string[];
  readonly definitions: Schema;
}

const MAX_DEPTH = 8;

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function schemas(value: unknown): Schema[] {
  return Array.isArray(value) ? value.filter(isSchema) : [];
}

function numberIn(schema: Schema, { random }: Around): number {
  const low = typeof schema['minimum'] === 'number' ? schema['minimum'] : 0;
  const high = typeof schema['maximum'] === 'number' ? schema['maximum'] : low + 1000;
  const edge = random.pick(['low', 'high', 'between', 'between', 'below', 'above']);
  if (edge === 'low') return low;
  if (edge === 'high') return high;
  if (edge === 'below') return low - 1;
  if (edge === 'above') return high + 1;
  return random.between(Math.max(low, -1e6), Math.min(high, low + 1e6));
}

const TEXTS: Readonly<Record<string, readonly string[]>> = {
  'date-time': ['2026-01-01T00:00:00.000Z', '2030-06-15T12:00:00Z', '2026-03-29T02:30:00+01:00'],
  uri: ['http://127.0.0.1:9/', 'https://example.com/path?q=1'],
  email: ['a@example.com'],
};

function textIn(schema: Schema, { random, known }: Around): string {
  const format = typeof schema['format'] === 'string' ? TEXTS[schema['format']] : undefined;
  if (format !== undefined) return random.pick(format);
  const max = typeof schema['maxLength'] === 'number' ? schema['maxLength'] : 40;
  const choice = random.between(0, 9);
  if (choice < 4 && known.length > 0) return random.pick(known);
  if (choice === 4) return 'a'.repeat(Math.min(max, 20_000));
  if (choice === 5) return 'a'.repeat(Math.min(max + 1, 20_000));
  return random.pick(['a', 'default', 'command', 'x-1', 'twitter', 'youtube', '$.a', '1.5', 'Name with ä']);
}

function objectIn(schema: Schema, around: Around, depth: number): unknown {
  const { random } = around;
  const object: Record<string, unknown> = {};
  const required = new Set(Array.isArray(schema['required']) ? schema['required'] : []);
  for (const [name, property] of Object.entries(isSchema(schema['properties']) ? schema['properties'] : {})) {
    if (isSchema(property) && (required.has(name) || random.next() < 0.4)) object[name] = sampleInput(property, around, depth + 1);
  }
  const more = schema['additionalProperties'];
  if (isSchema(more)) {
    for (let count = random.between(0, 2); count > 0; count -= 1)
      object[random.pick(['a', 'b', 'region', '__proto', 'x y'])] = sampleInput(more, around, depth + 1);
  }
  return object;
}

/** A value that mostly fits. */
export function sampleInput(schema: Schema, around: Around, depth = 0): unknown {
  const { random, definitions } = around;
  if (depth > MAX_DEPTH) return null;
  if (typeof schema['$ref'] === 'string') {
    const found = definitions[schema['$ref'].split('/').at(-1) ?? ''];
    return isSchema(found) ? sampleInput(found, around, depth + 1) : null;
  }
  if ('const' in schema) return schema['const'];
  if (Array.isArray(schema['enum'])) return random.pick<unknown>(schema['enum']);
  const choices = [...schemas(schema['anyOf']), ...schemas(schema['oneOf'])];
  if (choices.length > 0) return sampleInput(random.pick(choices), around, depth + 1);
  const parts = schemas(schema['allOf']);
  if (parts.length > 0) return Object.assign({}, ...parts.map((part) => sampleInput(part, around, depth + 1)));
  switch (schema['type']) {
    case 'string':
      return textIn(schema, around);
    case 'integer':
      return Math.round(numberIn(schema, around));
    case 'number':
      return numberIn(schema, around);
    case 'boolean':
      return random.next() < 0.5;
    case 'array': {
      const items = isSchema(schema['items']) ? schema['items'] : {};
      return Array.from({ length: random.between(0, 3) }, () => sampleInput(items, around, depth + 1));
    }
    case 'object':
      return objectIn(schema, around, depth);
    default:
      return random.pick(ODD_VALUES);
  }
}

/** The same value with one part of it replaced, left out or added. */
export function spoil(value: unknown, random: Random): unknown {
  if (value instanceof RawJson || typeof value !== 'object' || value === null || random.next() < 0.15) return random.pick(ODD_VALUES);
  if (Array.isArray(value)) {
    if (value.length === 0 || random.next() < 0.2) return [...(value as unknown[]), random.pick(ODD_VALUES)];
    const at = random.between(0, value.length - 1);
    return (value as unknown[]).map((entry, index) => (index === at ? spoil(entry, random) : entry));
  }
  const entries = Object.entries(value);
  const way = random.next();
  if (entries.length === 0 || way < 0.1)
    return { ...value, [random.pick(['extra', 'ID', 'constructor', 'toString', ''])]: random.pick(ODD_VALUES) };
  const at = random.between(0, entries.length - 1);
  if (way < 0.2) return Object.fromEntries(entries.filter((_entry, index) => index !== at));
  return Object.fromEntries(entries.map(([name, entry], index) => [name, index === at ? spoil(entry, random) : entry]));
}

/** JSON with raw pieces written as they are. */
export function writeJson(value: unknown): string {
  if (value instanceof RawJson) return value.text;
  if (Array.isArray(value)) return `[${value.map(writeJson).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  return `{${Object.entries(value)
    .map(([name, entry]) => `${JSON.stringify(name)}:${writeJson(entry)}`)
    .join()}}`;
}
