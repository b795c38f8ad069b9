import { describe, expect, it } from 'vitest';
import { isOpenApiCurrent } from '../write-openapi.ts';
import { openApiDocument } from './openapi.ts';
import { ROUTES } from './routes.ts';

interface Operation {
  operationId: string;
  parameters: { name: string; in: string; required: boolean; schema: object }[];
  requestBody?: { content: Record<string, { schema: { properties: object }; example?: unknown }> };
  responses: Record<string, { $ref?: string; content?: Record<string, { schema: object; example?: unknown }> }>;
  security: object[];
}

const document = openApiDocument() as {
  openapi: string;
  info: { title: string; version: string };
  paths: Record<string, Record<string, Operation>>;
  components: {
    schemas: Record<string, object>;
    responses: Record<string, { content: Record<string, { schema: object }> }>;
    securitySchemes: object;
  };
};
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

/** Every `$ref` anywhere below a value. */
function refs(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, entry]) => (key === '$ref' ? [String(entry)] : refs(entry)));
}

describe('the OpenAPI document', () => {
  it('is the committed one, like the table of permissions', async () => {
    expect(await isOpenApiCurrent(), 'run: pnpm openapi').toBe(true);
  });

  it('has an operation for every procedure, each id once', () => {
    expect(operations.map(({ operation }) => operation.operationId).toSorted()).toEqual(ROUTES.map(({ name }) => name).toSorted());
  });

  it('refers to nothing that is not there', () => {
    const { schemas, responses } = document.components;
    const known = new Set([
      ...Object.keys(schemas).map((name) => `#/components/schemas/${name}`),
      ...Object.keys(responses).map((name) => `#/components/responses/${name}`),
    ]);
    const used = refs(document);
    expect(used.length).toBeGreaterThan(50);
    for (const ref of used) expect(known).toContain(ref);
  });

  it('declares exactly the parameters of each path', () => {
    for (const { path, operation } of operations) {
      const inPath = operation.parameters.filter((parameter) => parameter.in === 'path');
      expect(inPath.map(({ name }) => name).toSorted(), path).toEqual(
        [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name ?? '').toSorted(),
      );
      for (const parameter of inPath) expect(parameter.required).toBe(true);
      const names = operation.parameters.map((parameter) => `${parameter.in} ${parameter.name}`);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  it('describes success and every refusal of every operation', () => {
    for (const { path, method, operation } of operations) {
      const success = Object.keys(operation.responses).filter((status) => status.startsWith('2'));
      expect(success, `${method} ${path}`).toHaveLength(1);
      for (const status of ['400', '401', '403', '404', '409', '413', '429', '500', '503']) {
        expect(operation.responses[status], `${method} ${path} ${status}`).toEqual({ $ref: `#/components/responses/Error${status}` });
      }
      const isPublic = ROUTES.some(
        ({ meta }) => meta.role === 'public' && meta.path === path && meta.method.toLowerCase() === method.toLowerCase(),
      );
      expect(operation.security.length > 0, `${method} ${path}`).toBe(!isPublic);
    }
    for (const response of Object.values(document.components.responses)) {
      expect(response.content['application/json']?.schema).toEqual({ $ref: '#/components/schemas/Error' });
    }
  });

  it('puts query fields in parameters and body fields in bodies', () => {
    const list = document.paths['/v1/workloads']?.['get'];
    expect(list?.parameters.map(({ name }) => name)).toEqual(expect.arrayContaining(['status', 'limit', 'cursor']));
    expect(list?.requestBody).toBeUndefined();
    const complete = document.paths['/v1/jobs/{id}/complete']?.['post'];
    expect(Object.keys(complete?.requestBody?.content['application/json']?.schema.properties ?? {})).not.toContain('job_id');
    expect(complete?.parameters.map(({ name }) => name)).toEqual(['id']);
    const live = document.paths['/v1/workloads/{id}/live']?.['get'];
    expect(live?.parameters.map(({ name }) => name)).toEqual(['id', 'Last-Event-ID', 'last_event_id']);
    expect(Object.keys(live?.responses['200']?.content ?? {})).toEqual(['text/event-stream']);
  });

  /** Parameters of paths that take less than any id. */
  const IN_PATH: Record<string, string> = {
    '/v1/platforms/{platform} platform': 'tiktok',
    '/v1/secrets/{name} name': 'API_TOKEN',
    '/v1/failures/{id} id': `fail_${'0'.repeat(20)}`,
  };

  it('carries examples that fit their own schemas', () => {
    const withExample = ROUTES.filter(({ meta }) => meta.examples !== undefined);
    expect(withExample.length).toBeGreaterThan(5);
    for (const { name, meta, input, output } of withExample) {
      const params = Object.fromEntries(
        [...meta.path.matchAll(/\{([^}]+)\}/g)].map(([, param = '']) => [
          meta.params?.[param] ?? param,
          IN_PATH[`${meta.path} ${param}`] ?? 'one',
        ]),
      );
      if (meta.examples?.input !== undefined) expect(input?.safeParse({ ...params, ...meta.examples.input }).error, name).toBeUndefined();
      if (meta.examples?.output !== undefined) expect(output?.safeParse(meta.examples.output).error, name).toBeUndefined();
    }
  });
});
