import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCore, type Core } from '../engine/index.ts';
import { createTestDatabase, engines, type TestDatabase } from '../testing/index.ts';
import { formatKey, newSecret } from './key-text.ts';
import { authenticate, createKey, hasLiveKey, listKeys, revokeKey } from './index.ts';

describe.each(engines())('API keys on %s', (engine) => {
  let database: TestDatabase;
  let core: Core;

  beforeAll(async () => {
    database = await createTestDatabase(engine);
    core = await createCore({ database: database.handle });
  });
  afterAll(async () => {
    await core.stop();
    await database.close();
  });

  /** The text of a key with another secret and a right checksum. */
  function forged(id: string): string {
    return formatKey({ id, secret: newSecret() });
  }

  it('open nothing until there is one', async () => {
    expect(await hasLiveKey(core)).toBe(false);
  });

  it('are known by their text, with their role', async () => {
    const made = await createKey(core, { name: 'agents', role: 'worker' });
    expect(made).toMatchObject({ name: 'agents', role: 'worker', expires_at: null, revoked_at: null, last_used_at: null });
    expect(await authenticate(core, made.key)).toMatchObject({ id: made.id, role: 'worker', queues: null, kinds: null });
    expect(await hasLiveKey(core)).toBe(true);
    expect(await hasLiveKey(core, 'worker')).toBe(true);
    expect(await hasLiveKey(core, 'admin')).toBe(false);
  });

  it('are kept as a hash: nothing stored holds the secret', async () => {
    const made = await createKey(core, { name: 'secret', role: 'viewer' });
    const rows = await core.database.db.selectFrom('api_key').selectAll().execute();
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain(made.key.split('_')[2]);
  });

  it('note their use', async () => {
    const made = await createKey(core, { name: 'used', role: 'viewer' });
    await authenticate(core, made.key);
    const [key] = (await listKeys(core, { limit: 1 })).items;
    expect(key).toMatchObject({ id: made.id, last_used_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) });
  });

  it('with another secret or an unknown id are not known', async () => {
    const made = await createKey(core, { name: 'target', role: 'admin' });
    expect(await authenticate(core, forged(made.id))).toBeNull();
    expect(await authenticate(core, forged('key_none'))).toBeNull();
  });

  it('end with their revocation, which keeps its first time', async () => {
    const made = await createKey(core, { name: 'short', role: 'viewer' });
    const revoked = await revokeKey(core, { id: made.id });
    expect(revoked.revoked_at).not.toBeNull();
    expect(await authenticate(core, made.key)).toBeNull();
    expect((await revokeKey(core, { id: made.id })).revoked_at).toBe(revoked.revoked_at);
    await expect(revokeKey(core, { id: 'key_none' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('end with their time', async () => {
    const made = await createKey(core, { name: 'timed', role: 'viewer', expires_at: new Date(core.now() + 86_400_000).toISOString() });
    expect(await authenticate(core, made.key)).not.toBeNull();
    await core.database.db.updateTable('api_key').set({ expires_at: '2001-01-01T00:00:00Z' }).where('id', '=', made.id).execute();
    expect(await authenticate(core, made.key)).toBeNull();
    await expect(createKey(core, { name: 'x', role: 'viewer', expires_at: '2001-01-01T00:00:00Z' })).rejects.toMatchObject({
      code: 'VALIDATION',
    });
  });

  it('are listed newest first, each once', async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listKeys(core, cursor === undefined ? { limit: 2 } : { limit: 2, cursor });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen.length).toBeGreaterThanOrEqual(6);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(seen.toSorted().toReversed());
  });
});
