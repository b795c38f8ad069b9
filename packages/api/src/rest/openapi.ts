import * as z from 'zod';
import { VERSION } from '../version.ts';
import { ROUTES } from './routes.ts';
import type { JsonSchema, Route } from './routes.ts';

type Json = Record<string, unknown>;

const REF = '#/$defs/';
const ERRORS: Record<string, string> = {
  400: 'The input does not fit; `issues` names each field.',
  401: 'No or bad credentials.',
  403: 'The role lacks the permission.',
  404: 'No such resource.',
  409: 'The state, the lease or an idempotency key forbids it.',
  413: 'The body is over 1 MiB.',
  429: 'Too many requests; see `Retry-After`.',
  500: 'Unexpected; quote the `request_id` in `data`.',
  503: 'Out of reach or stopping; see `Retry-After`.',
};

const ERROR_SCHEMA: Json = {
  type: 'object',
  required: ['code', 'message'],
  properties: {
    code: {
      type: 'string',
      enum: [
        'VALIDATION',
        'UNAUTHORIZED',
        'FORBIDDEN',
        'NOT_FOUND',
        'INVALID_TRANSITION',
        'LEASE_STALE',
        'CONFLICT',
        'PAYLOAD_TOO_LARGE',
        'RATE_LIMITED',
        'INTERNAL',
        'UNAVAILABLE',
      ],
    },
    message: { type: 'string', description: 'What was wrong and what to do.' },
    issues: {
      type: 'array',
      items: { type: 'object', required: ['path', 'message'], properties: { path: { type: 'string' }, message: { type: 'string' } } },
    },
    data: { type: 'object', additionalProperties: true },
  },
  examples: [{ code: 'NOT_FOUND', message: 'No workload with the id "wl_1".', data: { resource: 'workload', id: 'wl_1' } }],
};

/** Moves named schemas into `components` and points references there. Answers may grow, so they close no object. */
class Components {
  readonly schemas: Json = { Error: ERROR_SCHEMA };

  #place(value: unknown, io: 'input' | 'output'): unknown {
    if (Array.isArray(value)) return value.map((entry) => this.#place(entry, io));
    if (typeof value !== 'object' || value === null) return value;
    const placed: Json = {};
    for (const [key, entry] of Object.entries(value)) {
      if (key === '$schema' || key === '$defs' || (key === 'id' && typeof entry === 'string' && Object.hasOwn(value, 'type'))) continue;
      // The format says it; the pattern behind it is 400 characters long.
      if (key === 'pattern' && 'format' in value && value.format === 'date-time') continue;
      if (io === 'output' && key === 'additionalProperties' && entry === false) continue;
      placed[key] = key === '$ref' && typeof entry === 'string' ? entry.replace(REF, '#/components/schemas/') : this.#place(entry, io);
    }
    return placed;
  }

  of(schema: z.ZodType, io: 'input' | 'output'): Json {
    const { $defs, ...root }: JsonSchema = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
    for (const [name, definition] of Object.entries($defs ?? {})) this.schemas[name] = this.#place(definition, io);
    return this.#place(root, io) as Json;
  }
}

function fieldsOf(route: Route, components: Components): { properties: Record<string, unknown>; required: string[] } {
  if (route.input === null) return { properties: {}, required: [] };
  const schema = components.of(route.input, 'input');
  return { properties: (schema['properties'] ?? {}) as Record<string, unknown>, required: (schema['required'] ?? []) as string[] };
}

function pathParams(route: Route): { name: string; field: string }[] {
  return route.segments
    .filter((segment) => segment.startsWith('{'))
    .map((segment) => {
      const name = segment.slice(1, -1);
      return { name, field: route.meta.params?.[name] ?? name };
    });
}

function describe(property: unknown): Json {
  const { description, ...schema } = property as Json;
  return description === undefined ? { schema } : { description, schema };
}

function queryParameter(name: string, property: unknown, isRequired: boolean): Json {
  return { name, in: 'query', required: isRequired, style: 'form', explode: true, ...describe(property) };
}

const LIVE_PARAMETERS: Json[] = [
  { name: 'Last-Event-ID', in: 'header', required: false, description: 'Resume after this event.', schema: { type: 'string' } },
  {
    name: 'last_event_id',
    in: 'query',
    required: false,
    description: 'The same, for clients that cannot set headers.',
    schema: { type: 'string' },
  },
];

function parametersOf(route: Route, fields: ReturnType<typeof fieldsOf>): Json[] {
  const inPath = pathParams(route);
  const parameters = inPath.map(({ name, field }): Json => ({
    name,
    in: 'path',
    required: true,
    ...describe(fields.properties[field] ?? { type: 'string' }),
  }));
  if (route.meta.method === 'GET' || route.meta.method === 'DELETE') {
    const taken = new Set([...inPath.map(({ field }) => field), 'lastEventId']);
    for (const [name, property] of Object.entries(fields.properties)) {
      if (!taken.has(name)) parameters.push(queryParameter(name, property, fields.required.includes(name)));
    }
  }
  const { text_body: own } = route.meta;
  if (own !== undefined) {
    for (const [name, property] of Object.entries(fields.properties)) {
      if (name !== own.field) parameters.push(queryParameter(name, property, false));
    }
  }
  if (route.type === 'subscription' && route.meta.content_type === undefined) parameters.push(...LIVE_PARAMETERS);
  if (route.meta.has_idempotency_key === true) {
    parameters.push({
      name: 'Idempotency-Key',
      in: 'header',
      required: false,
      description: 'The same as `idempotency_key` in the body.',
      schema: { type: 'string', maxLength: 255 },
    });
  }
  return parameters;
}

function bodyOf(route: Route, fields: ReturnType<typeof fieldsOf>): Json | null {
  if (route.meta.method === 'GET' || route.meta.method === 'DELETE' || route.input === null) return null;
  const taken = new Set(pathParams(route).map(({ field }) => field));
  const properties = Object.fromEntries(Object.entries(fields.properties).filter(([name]) => !taken.has(name)));
  if (Object.keys(properties).length === 0) return null;
  const required = fields.required.filter((name) => !taken.has(name));
  const schema: Json = { type: 'object', properties, additionalProperties: false };
  if (required.length > 0) schema['required'] = required;
  const media: Json = { schema };
  if (route.meta.examples?.input !== undefined) media['example'] = route.meta.examples.input;
  const content: Json = { 'application/json': media };
  const { text_body: own } = route.meta;
  if (own !== undefined) content[own.content_type] = { schema: { type: 'string' } };
  return { required: required.length > 0, content };
}

function successOf(route: Route, components: Components): Json {
  const { content_type: contentType } = route.meta;
  if (contentType !== undefined) {
    const [type = contentType] = contentType.split(';');
    return {
      description: 'The file.',
      content: { [type]: { schema: { type: 'string', ...(route.meta.is_base64 === true ? { format: 'binary' } : {}) } } },
    };
  }
  if (route.type === 'subscription') {
    return {
      description:
        'Server-sent events: `id`, and `data` as JSON with a `type`. `event: gap` when events were trimmed away. A `:` comment every 15 seconds; ends after 5 minutes without an event.',
      content: { 'text/event-stream': { schema: { type: 'string' } } },
    };
  }
  const media: Json = { schema: route.output === null ? {} : components.of(route.output, 'output') };
  if (route.meta.examples?.output !== undefined) media['example'] = route.meta.examples.output;
  return { description: 'Done.', content: { 'application/json': media } };
}

function operationOf(route: Route, components: Components): Json {
  const fields = fieldsOf(route, components);
  const { meta } = route;
  const responses: Json = { [meta.status ?? 200]: successOf(route, components) };
  for (const status of Object.keys(ERRORS)) responses[status] = { $ref: `#/components/responses/Error${status}` };
  const [tag = 'api'] = route.name.split('.');
  const operation: Json = { operationId: route.name, tags: [tag], summary: meta.summary, 'x-role': meta.role };
  if (meta.description !== undefined) operation['description'] = meta.description;
  operation['parameters'] = parametersOf(route, fields);
  const body = bodyOf(route, fields);
  if (body !== null) operation['requestBody'] = body;
  operation['responses'] = responses;
  operation['security'] = meta.role === 'public' ? [] : [{ bearer: [] }, { apiKey: [] }];
  return operation;
}

function errorResponses(): Json {
  const content = { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } };
  const waiting = { 'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } } };
  return Object.fromEntries(
    Object.entries(ERRORS).map(([status, description]) => [
      `Error${status}`,
      status === '429' || status === '503' ? { description, headers: waiting, content } : { description, content },
    ]),
  );
}

/** The OpenAPI 3.1 document of every REST path, derived from the router. */
export function openApiDocument(): Json {
  const components = new Components();
  const paths: Record<string, Json> = {};
  for (const route of ROUTES) {
    const path = (paths[route.meta.path] ??= {});
    path[route.meta.method.toLowerCase()] = operationOf(route, components);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tidemark',
      version: VERSION,
      description:
        'One control plane that runs work and shows what happened to it. Times are ISO 8601 UTC; unknown fields are refused; lists page by `cursor`.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(components.schemas).sort(([left], [right]) => (left < right ? -1 : 1))),
      responses: errorResponses(),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'An API key. A server on loopback without any key asks for none.' },
        apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
      },
    },
  };
}
