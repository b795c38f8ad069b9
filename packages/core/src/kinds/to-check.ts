import * as z from 'zod';

/** Keywords whose value names schemas; the names are not keywords. */
const MAPS = new Set(['properties', '$defs', 'definitions', 'dependentSchemas']);
/** Keywords whose value is data. */
const DATA = new Set(['default', 'const', 'enum', 'examples']);
/** Somebody else's regular expression on somebody else's text could hold up the server: the worker checks these itself. */
const DROPPED = new Set(['pattern', 'patternProperties', 'propertyNames', 'format']);

function withoutPatterns(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutPatterns);
  if (typeof schema !== 'object' || schema === null) return schema;
  const isOpen = 'patternProperties' in schema;
  const entries = Object.entries(schema).filter(([key]) => !DROPPED.has(key) && !(isOpen && key === 'additionalProperties'));
  return Object.fromEntries(
    entries.map(([key, value]: [string, unknown]) => {
      if (DATA.has(key)) return [key, value];
      const isMap = MAPS.has(key) && typeof value === 'object' && value !== null;
      return [
        key,
        isMap ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withoutPatterns(inner)])) : withoutPatterns(value),
      ];
    }),
  );
}

/** What a registered schema can refuse here; the worker's own check is stricter. @throws when it is no JSON Schema that is understood. */
export function toCheck(schema: unknown): z.ZodType {
  return z.fromJSONSchema(withoutPatterns(schema) as Parameters<typeof z.fromJSONSchema>[0]);
}
