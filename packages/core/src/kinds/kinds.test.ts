import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { sql } from 'kysely';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import { openSecondCore } from '../testing/open-second-core.ts';
import { RegisterWorkerInput } from '../workers/contract.ts';
import { registerWorker } from '../workers/index.ts';
import { checkPayloads } from './index.ts';
import { toCheck } from './to-check.ts';

const Resize = z.strictObject({
  files: z.array(z.string().regex(/^(a+)+$/)).min(1),
  size: z.strictObject({ width: z.int().min(1), height: z.int().optional() }),
  mode: z.enum(['fit', 'fill']).default('fit'),
});
const schema = z.toJSONSchema(Resize, { io: 'input' });

describe('a registered schema', () => {
  it.each([
    [{ files: ['a'], size: { width: 1 } }, true],
    [{ files: ['a'], size: { width: 1 }, mode: 'fill' }, true],
    [{ files: ['a'] }, false],
    [{ files: [], size: { width: 1 } }, false],
    [{ files: ['a'], size: { width: 0 } }, false],
    [{ files: ['a'], size: { width: 1, depth: 2 } }, false],
    [{ files: ['a'], size: { width: 1 }, mode: 'crop' }, false],
    ['text', false],
  ])('says of %j that it fits: %s', (payload, fits) => {
    expect(toCheck(schema).safeParse(payload).success).toBe(fits);
  });

  it('runs no regular expression of a worker on the server', () => {
    const payload = { files: [`${'a'.repeat(40)}!`], size: { width: 1 } };
    expect(toCheck(schema).safeParse(payload).success).toBe(true);
  });

  it('may name fields like its own keywords', () => {
    const Own = z.strictObject({ pattern: z.int(), properties: z.strictObject({ format: z.string() }) });
    const check = toCheck(z.toJSONSchema(Own));
    expect(check.safeParse({ pattern: 1, properties: { format: 'x' } }).success).toBe(true);
    expect(check.safeParse({ pattern: 'x', properties: { format: 'x' } }).success).toBe(false);
  });
});

describe.each(engines())('payloads of registered kinds on %s', (engine) => {
  let test: TestCore;
  beforeAll(async () => {
    test = await createTestCore(engine);
  });
  beforeEach(async () => {
    await sql`truncate worker, worker_session, kind_schema`.execute(test.core.database.db);
  });
  afterAll(() => test.close());

  let workers = 0;
  const register = (schemas?: Record<string, unknown>): Promise<unknown> => {
    const input = { name: `w${(workers += 1)}`, worker_type: 'agent', version: '1', isolations: ['process'], kinds: ['resize'], slots: 1 };
    return registerWorker(test.core, RegisterWorkerInput.parse({ ...input, ...(schemas === undefined ? {} : { schemas }) }));
  };

  it('are refused by field once a worker has described them', async () => {
    const item = { kind: 'resize', payload: { files: ['a'], size: { width: 'wide' } } };
    await register();
    await expect(checkPayloads(test.core, [item])).resolves.toBeUndefined();
    await register({ resize: schema });
    await expect(checkPayloads(test.core, [item])).rejects.toMatchObject({ code: 'VALIDATION', issues: [{ path: 'payload.size.width' }] });
    await expect(checkPayloads(test.core, [{ ...item, kind: 'other' }])).resolves.toBeUndefined();
    const good = { kind: 'resize', payload: { files: ['a'], size: { width: 1 } } };
    await expect(checkPayloads(test.core, [good, item], (index) => ['items', index])).rejects.toMatchObject({
      issues: [{ path: 'items.1.payload.size.width' }],
    });
  });

  it.each([
    ['kind', { kind: 'monitor', payload: { egress: { allow: ['0.0.0.0/0'] } } }],
    ['kind', { kind: 'publish', payload: { publication_id: 'pub_1', attempt: 1 } }],
    ['idempotency_key', { kind: 'command', payload: {}, idempotency_key: 'monitor-run:run_1' }],
    ['idempotency_key', { kind: 'command', payload: {}, idempotency_key: 'publication:pub_1.1' }],
  ])('are refused by %s when only the server may submit %j', async (field, item) => {
    await expect(checkPayloads(test.core, [item])).rejects.toMatchObject({ code: 'VALIDATION', issues: [{ path: field }] });
    await expect(checkPayloads(test.core, [{ kind: 'other', payload: 1 }, item], (index) => ['items', index])).rejects.toMatchObject({
      issues: [{ path: `items.1.${field}` }],
    });
  });

  it('are checked against the schema of the newest registration', async () => {
    const item = { kind: 'resize', payload: { n: 1 } };
    await register({ resize: z.toJSONSchema(z.strictObject({ n: z.string() })) });
    await expect(checkPayloads(test.core, [item])).rejects.toMatchObject({ issues: [{ path: 'payload.n' }] });
    await register({ resize: z.toJSONSchema(z.strictObject({ n: z.int() })) });
    await expect(checkPayloads(test.core, [item])).resolves.toBeUndefined();
    await register();
    await expect(checkPayloads(test.core, [{ ...item, payload: { n: 'x' } }])).rejects.toMatchObject({ code: 'VALIDATION' });
  });

  it('are not checked when the schema is not understood, and the worker is registered all the same', async () => {
    await register({ resize: { type: 'no such type', $ref: '#/nowhere' } });
    await expect(checkPayloads(test.core, [{ kind: 'resize', payload: 1 }])).resolves.toBeUndefined();
  });

  if (engine === 'postgres') {
    it('are refused on every server soon after a worker registered with one of them', async () => {
      await using second = await openSecondCore(test);
      const item = { kind: 'resize', payload: { n: 'x' } };
      await checkPayloads(second.core, [item]);
      await register({ resize: z.toJSONSchema(z.strictObject({ n: z.int() })) });
      await expect
        .poll(() =>
          checkPayloads(second.core, [item]).then(
            () => 'fits',
            () => 'refused',
          ),
        )
        .toBe('refused');
    });
  }
});
