import { AppError } from '@tidemark/core/errors';
import type { Issue } from '@tidemark/core/errors';
import * as z from 'zod';
import type { JsonSchema } from './routes.ts';

type Kind = 'number' | 'boolean' | 'string';

/** What a query parameter may be, read from the JSON schema of its field. */
interface Parameter {
  readonly kind: Kind;
  readonly is_array: boolean;
  readonly is_scalar: boolean;
}

const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$/;

function alternatives(schema: JsonSchema): JsonSchema[] {
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices === undefined) return [schema];
  return choices.flatMap((choice) => (typeof choice === 'boolean' ? [] : alternatives(choice)));
}

function kindOf(schema: JsonSchema): Kind {
  const types = new Set(alternatives(schema).map((choice) => choice.type));
  if (types.has('integer') || types.has('number')) return 'number';
  return types.has('boolean') ? 'boolean' : 'string';
}

function parameterOf(schema: JsonSchema): Parameter {
  const choices = alternatives(schema).filter((choice) => choice.type !== 'null');
  const array = choices.find((choice) => choice.type === 'array');
  if (array === undefined) return { kind: kindOf(schema), is_array: false, is_scalar: true };
  const items = array.items;
  const kind = items === undefined || typeof items === 'boolean' || Array.isArray(items) ? 'string' : kindOf(items);
  return { kind, is_array: true, is_scalar: choices.length > 1 };
}

const schemas = new WeakMap<z.ZodType, ReadonlyMap<string, Parameter>>();

/** The fields of an object schema as query parameters; worked out once per schema. */
function parametersOf(input: z.ZodType): ReadonlyMap<string, Parameter> {
  const known = schemas.get(input);
  if (known !== undefined) return known;
  const schema: JsonSchema = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' });
  const parameters = new Map<string, Parameter>();
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (typeof property !== 'boolean') parameters.set(name, parameterOf(property));
  }
  schemas.set(input, parameters);
  return parameters;
}

const REFUSED = Symbol('refused');

function scalar(kind: Kind, value: string): unknown {
  if (kind === 'number') return NUMBER.test(value) ? Number(value) : REFUSED;
  if (kind === 'boolean') return value === 'true' ? true : value === 'false' ? false : REFUSED;
  return value;
}

const EXPECTED: Record<Kind, string> = {
  number: 'must be a number in plain digits, such as 20',
  boolean: 'must be "true" or "false"',
  string: 'must be text',
};

function coerceOne(parameter: Parameter | undefined, values: readonly string[]): { value: unknown } | { problem: string } {
  const [first = ''] = values;
  if (parameter === undefined) return { value: values.length === 1 ? first : values };
  const parts = parameter.is_array ? values.flatMap((value) => value.split(',')) : values;
  if (!parameter.is_array && parts.length > 1) return { problem: 'must be given once' };
  const coerced = parts.map((part) => scalar(parameter.kind, part));
  if (coerced.includes(REFUSED)) return { problem: EXPECTED[parameter.kind] };
  return { value: parameter.is_array && !(parameter.is_scalar && coerced.length === 1) ? coerced : coerced[0] };
}

/**
 * A query string as the input its schema describes: numbers in plain digits only, lists repeated or separated by commas.
 * Unknown names are kept, so that the strict schema refuses them by name.
 * @throws {AppError} VALIDATION naming each parameter that does not fit.
 */
export function coerceQuery(input: z.ZodType | null, query: URLSearchParams): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  const issues: Issue[] = [];
  const parameters = input === null ? new Map<string, Parameter>() : parametersOf(input);
  for (const name of new Set(query.keys())) {
    const result = name === '__proto__' ? { problem: 'is not allowed as a name' } : coerceOne(parameters.get(name), query.getAll(name));
    if ('problem' in result) issues.push({ path: name.slice(0, 100), message: result.problem });
    else values[name] = result.value;
  }
  const [issue] = issues;
  if (issue !== undefined) throw new AppError('VALIDATION', `${issue.path}: ${issue.message}`, { issues });
  return values;
}
