import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { kept, recount, resetPublishing, seeding } from '../publishing/testing/seed.ts';
import { createTestCore, type TestCore } from '../testing/create-test-core.ts';
import { engines } from '../testing/index.ts';
import { PUBLICATION_STATUSES, type PublicationStatus } from './contract.ts';
import { movePublications } from './move-publications.ts';
import { lockPublications } from './publication-row.ts';
import { canMove, PUBLICATION_TRANSITIONS, type PublicationTrigger } from './transitions.ts';
import { cancelPublication, getPublication, reportResult, retryPublication, updatePublication } from './index.ts';

const TRIGGERS: PublicationTrigger[] = [...new Set(PUBLICATION_TRANSITIONS.map((arrow) => arrow.by))];
const TOMORROW = new Date(Date.now() + 86_400_000).toISOString();

describe.each(engines())('the life of a publication on %s', (engine) => {
  let test: TestCore;
  let clip = '';

  beforeAll(async () => {
    test = await createTestCore(engine);
  });
  beforeEach(async () => {
    await resetPublishing(test.core);
    const seed = seeding(test.core);
    clip = await seed.clip(await seed.video(), { visual_score: 0.5 });
  });
  afterAll(() => test.close());

  const make = async (status: PublicationStatus, fields: object = {}): Promise<string> =>
    (await seeding(test.core).publication(clip, { status, ...(status === 'scheduled' ? { scheduled_for: TOMORROW } : {}), ...fields })).id;

  it('allows exactly the arrows of the table, and counts every one of them', async () => {
    const every = PUBLICATION_STATUSES.flatMap((from) => PUBLICATION_STATUSES.flatMap((to) => TRIGGERS.map((by) => ({ from, to, by }))));
    let refused = 0;
    for (const { from, to, by } of every) {
      if (!canMove(from, to, by) && !(from === 'success' || to === 'success')) continue; // The rest of the table is pure; the database sees these.
      const id = await make(from);
      const move = test.core.database.db.transaction().execute(async (tx) => {
        const [row] = await lockPublications(tx, [id]);
        if (row === undefined) throw new Error('it was just made');
        await movePublications(tx, [{ row, to, sub: null, by }]);
      });
      if (canMove(from, to, by)) await move;
      else await expect(move).rejects.toMatchObject({ code: 'INVALID_TRANSITION', data: { from, to } });
      if (!canMove(from, to, by)) refused += 1;
      expect((await getPublication(test.core, { id })).status).toBe(canMove(from, to, by) ? to : from);
    }
    expect(refused).toBeGreaterThan(50);
    expect(await kept(test.core.database.db)).toEqual(await recount(test.core.database.db));
  });

  it('has no way out of success', () => {
    expect(PUBLICATION_TRANSITIONS.filter((arrow) => (arrow.from as string) === 'success')).toEqual([]);
  });

  it('lets an external publisher take it, publish it, and say so twice', async () => {
    const id = await make('pending');
    expect(await updatePublication(test.core, { id, status: 'processing' })).toMatchObject({
      status: 'processing',
      wait_reason: 'It is published by somebody else, as an update said.',
    });
    const done = { id, status: 'success' as const, external_id: 'x', published_at: new Date(Date.now() - 1000).toISOString() };
    const first = await updatePublication(test.core, done);
    expect(first).toMatchObject({ status: 'success', external_id: 'x', published_at: done.published_at, wait_reason: null });
    expect(await updatePublication(test.core, done)).toEqual(first);
    await expect(updatePublication(test.core, { id, status: 'failed' })).rejects.toMatchObject({ code: 'INVALID_TRANSITION' });
    await expect(updatePublication(test.core, { ...done, external_id: 'y' })).rejects.toMatchObject({ code: 'INVALID_TRANSITION' });
  });

  it('reschedules what waits, in both directions', async () => {
    const id = await make('pending');
    expect(await updatePublication(test.core, { id, scheduled_for: TOMORROW })).toMatchObject({
      status: 'scheduled',
      due_at: TOMORROW,
      wait_reason: `It is scheduled for ${TOMORROW}.`,
    });
    const back = await updatePublication(test.core, { id, scheduled_for: null });
    expect(back).toMatchObject({ status: 'pending', scheduled_for: null, due_at: back.requested_at });
    const done = await make('success');
    await expect(updatePublication(test.core, { id: done, scheduled_for: TOMORROW })).rejects.toMatchObject({ code: 'INVALID_TRANSITION' });
  });

  it('takes a cancelled one out of every total, and back in by a retry', async () => {
    const id = await make('pending');
    expect(await cancelPublication(test.core, { id })).toMatchObject({ status: 'cancelled' });
    expect(await cancelPublication(test.core, { id })).toMatchObject({ status: 'cancelled' });
    expect(await kept(test.core.database.db)).toContainEqual(
      expect.objectContaining({ key: 'instagram', pending: 0, cancelled: 1, clips_ready: 0, clips_scored: 0 }),
    );
    expect(await retryPublication(test.core, { id, confirmed_not_published: false })).toMatchObject({ status: 'pending' });
    expect(await kept(test.core.database.db)).toEqual(await recount(test.core.database.db));
    await expect(retryPublication(test.core, { id, confirmed_not_published: false })).rejects.toMatchObject({ code: 'INVALID_TRANSITION' });
  });

  it('accepts the same result again and refuses a contradicting one', async () => {
    const id = await make('processing');
    await reportResult(test.core, { id, external_id: 'x' });
    expect(await reportResult(test.core, { id, external_id: 'x' })).toMatchObject({ status: 'success', external_id: 'x' });
    await expect(reportResult(test.core, { id, external_id: 'y' })).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(reportResult(test.core, { id, error: 'no' })).rejects.toMatchObject({ code: 'CONFLICT' });
    const failed = await make('processing');
    await reportResult(test.core, { id: failed, error: 'removed' });
    expect(await reportResult(test.core, { id: failed, error: 'removed' })).toMatchObject({
      status: 'failed',
      sub_status: 'reported',
      error: 'removed',
    });
    await expect(reportResult(test.core, { id: failed, external_id: 'x' })).rejects.toMatchObject({ code: 'CONFLICT' });
    const waiting = await make('pending');
    await expect(reportResult(test.core, { id: waiting, external_id: 'x' })).rejects.toMatchObject({ code: 'INVALID_TRANSITION' });
    expect(await kept(test.core.database.db)).toEqual(await recount(test.core.database.db));
  });

  it('lets an unclear one be found published, without a duplicate', async () => {
    const id = await make('failed', { sub_status: 'unconfirmed' });
    await expect(retryPublication(test.core, { id, confirmed_not_published: false })).rejects.toMatchObject({
      code: 'CONFLICT',
      issues: [{ path: 'confirmed_not_published' }],
    });
    expect(await reportResult(test.core, { id, external_id: 'found' })).toMatchObject({
      status: 'success',
      external_id: 'found',
      error: null,
    });
    expect(await kept(test.core.database.db)).toEqual(await recount(test.core.database.db));
  });

  it('keeps a rule in the database under all of this', async () => {
    const id = await make('pending');
    await expect(sql`update publication set status = 'success' where id = ${id}`.execute(test.core.database.db)).rejects.toThrow(/check/);
    await expect(sql`update publication set status = 'gone' where id = ${id}`.execute(test.core.database.db)).rejects.toThrow(/check/);
  });
});
